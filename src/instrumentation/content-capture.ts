import { capturesContent } from '../exporters/export-options.ts'

let captured: boolean | undefined

/** Whether the agent API puts prompts, arguments and results on spans: as started, else as the environment says. */
export function isContentCaptured(): boolean {
  captured ??= capturesContent({}, process.env)
  return captured
}

export function setContentCapture(value: boolean): void {
  captured = value
}
