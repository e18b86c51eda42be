/** A command cannot go on: the message is the one line the user gets, what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
