#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import { AurenError } from '../errors.ts'
import { permissions } from '../protocol/permissions.ts'
import { CommandError } from './command-error.ts'
import type { DemoArguments } from './demo.ts'
import type { DoctorArguments } from './doctor.ts'
import { colourChoices } from './feed/terminal.ts'
import type { GatewayArguments } from './gateway.ts'
import { collect, dollars, duration, integer, lifetime, past, permission } from './option-values.ts'
import type { TailArguments } from './tail.ts'
import type { TokenArguments } from './token.ts'
import { engines, isNodeTooOld, version } from './version.ts'

/** Commands are loaded when they are run: `auren token` needs neither a gateway nor a Redis client. */
function createProgram(): Command {
  const program = new Command('auren')
    .description('Live observability for AI agents')
    .version(version)
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
  const stream = new Option(
    '--stream <url>',
    'event stream: redis://…, kafka://… or sqlite:path (all forms: docs/streams.md)',
  ).env('AUREN_STREAM_URL')

  program
    .command('gateway')
    .description('serve the live feed of a stream')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', integer(0), 8765)
    .addOption(stream)
    .option('--dev', 'accept tokens that begin with "test", and offer a demo on the live page')
    .action(async (options: GatewayArguments) => (await import('./gateway.ts')).runGateway(options))

  program
    .command('demo')
    .description('watch a crew of five specialists at work; no model key is needed')
    .option('--rate <number>', 'runs a minute', integer(1), 20)
    .option('--duration <seconds>', 'end after so many seconds', integer(1))
    // Not from AUREN_STREAM_URL: a demo is not to fill the log of real agents because a variable was set.
    .option('--stream <url>', 'event stream to use; without it, a temporary one')
    .option('--crew-only', 'run the crew without a gateway')
    .action(async (options: DemoArguments) => {
      // The crew's process loads nothing of the gateway, as no agent does.
      if (options.crewOnly) await (await import('./demo/crew.ts')).runCrew(options)
      else await (await import('./demo.ts')).runDemo(options)
    })

  addTail(program)

  program
    .command('doctor')
    .description('say of each hop from the libraries to the feed whether it is well, and what to do')
    .option('--folder <path>', 'folder of the application whose libraries are looked at', '.')
    .option('--metrics <url>', 'metrics page of an agent process (default: OTEL_EXPORTER_PROMETHEUS_HOST and _PORT)')
    .addOption(stream)
    .option('--url <url>', 'address of the gateway (default: http://127.0.0.1:8765)')
    .addOption(new Option('--token <token>', 'token for the gateway').env('AUREN_TOKEN').default('test'))
    .option('--probe', 'export a span to the stream and wait for its event at the gateway')
    .option('--json', 'the findings as JSON')
    .action(async (options: DoctorArguments) => (await import('./doctor.ts')).runDoctor(options))

  program
    .command('token')
    .description('make a token, signed with AUREN_JWT_SECRET')
    .requiredOption('--user <id>', 'whose token it is')
    .option('--tenant <id>', 'tenant of the user')
    .option('--permission <name>', `${permissions.join(', ')}; may be given again`, permission, [])
    .option('--agent <id>', 'only events of this agent; may be given again', collect, [])
    .addOption(
      new Option('--ttl <time>', 'how long it is valid: 15m, 1h, 30d').argParser(lifetime).default(3_600_000, '1h'),
    )
    .action(async (options: TokenArguments) => (await import('./token.ts')).runToken(options))

  return program
}

/** The options of what is shown are the same as those of the feed's page. */
function addTail(program: Command): void {
  program
    .command('tail')
    .description('follow the live feed in the terminal')
    .option('--url <url>', 'address of the gateway', 'ws://127.0.0.1:8765')
    .addOption(new Option('--token <token>', 'token for the gateway').env('AUREN_TOKEN').default('test'))
    .option('--agent <id>', 'only what this agent does, or is asked to do; may be given again', collect, [])
    .option('--type <type>', 'only this event type; may be given again', collect, [])
    .option('--session <id>', 'only this session')
    .option('--user <id>', 'only this user')
    .option('--text <words>', 'only lines, runs or sessions with these words')
    .option('--slower <time>', 'only what took longer: 500ms, 2s', duration)
    .option('--costlier <dollars>', 'only what cost more: 0.01', dollars)
    .option('--failed', 'only failures')
    .option('--tail <number>', 'begin with so many earlier events', integer(0), 10)
    .option('--since <time>', 'begin with all earlier events since: 10m, 2026-11-21T10:00:00Z', past)
    .option('--resume <id>', 'begin behind this place of the stream, as an earlier connection told it')
    .option('--no-follow', 'end after the earlier events')
    .option('--json', 'one event as JSON a line')
    .addOption(new Option('--color <when>', 'colours').choices(colourChoices).default('auto'))
    .option(
      '--summary <time>',
      'tell the totals every so often: 30s (at the end, and on SIGUSR2, in any case)',
      duration,
    )
    .action(async (options: TailArguments) => (await import('./tail.ts')).runTail(options))
}

/** One line: what is wrong and what to do. A stack is for bugs of ours only. */
function report(error: unknown): void {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    process.exitCode = 1
    const known = error instanceof AurenError || error instanceof CommandError || isSystemError(error)
    console.error(known ? `auren: ${error.message}` : error)
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}

/** Warnings as one line, without Node's advice on finding them in the code. Experimental Node features are our concern. */
function tellWarningsPlainly(): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => {
    if (name !== 'ExperimentalWarning') console.error(`auren: ${message}`)
  })
}

try {
  tellWarningsPlainly()
  if (isNodeTooOld()) {
    throw new CommandError(`Node ${process.versions.node} is too old. Use a Node ${engines.node}.`)
  }
  await createProgram().parseAsync()
} catch (error) {
  report(error)
}
