// Imports run downward only: cli → gateway | client | instrumentation → exporters → translate | streams → events.
const floors = {
  events: ['events'],
  streams: ['streams', 'events'],
  translate: ['translate', 'events'],
  protocol: ['protocol', 'events'],
  exporters: ['exporters', 'translate', 'streams', 'events'],
  instrumentation: ['instrumentation', 'exporters', 'translate', 'streams', 'events'],
  client: ['client', 'protocol', 'events'],
  dashboard: ['dashboard', 'client', 'protocol', 'events'],
  gateway: ['gateway', 'exporters', 'translate', 'streams', 'protocol', 'events'],
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['/index\\.ts$', '/main\\.ts$', 'register\\.ts$', '/main\\.tsx$', '\\.css$'] },
      to: {},
    },
    {
      name: 'no-barrels-inside',
      comment: 'index.ts files are the entry points of the package; nothing of ours imports them.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '/index\\.ts$' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'The page is bundled: what it is made of is not installed with the package.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/dashboard/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'npm-optional', 'type-only'] },
    },
    ...Object.entries(floors).map(([part, allowed]) => ({
      name: `${part}-imports-downward`,
      severity: 'error',
      from: { path: `^src/${part}/` },
      to: { path: '^src/[^/]+/', pathNot: `^src/(${allowed.join('|')})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
