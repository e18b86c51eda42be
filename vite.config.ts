import { defineConfig } from 'vite'

/** The live page: src/dashboard → dist/dashboard, which the gateway serves. Addresses are relative, so that it works behind any path. */
export default defineConfig({
  root: 'src/dashboard',
  base: './',
  publicDir: false,
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2023',
    // The first with light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // A data: address would need a looser content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // React Flow says "use client" at its head, which is about servers.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
    modulePreload: { polyfill: false },
  },
})
