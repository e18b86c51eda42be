export { gateway } from './plugin.ts'
export { startGateway, type RunningGateway, type ServerOptions } from './server.ts'
export type { GatewayOptions } from './settings.ts'
