/** FIN and the opcode of text (RFC 6455 §5.2). A server's frames are not masked. */
const finalText = 0x81

/** Header of an unfragmented text frame with a payload of so many bytes. */
export function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([finalText, length])
  const header = Buffer.allocUnsafe(length < 65_536 ? 4 : 10)
  header[0] = finalText
  if (length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return header
}

/** One text message as a whole frame, and the part of it that is the text. */
export function textFrame(text: string): { readonly frame: Buffer; readonly payload: Buffer } {
  const length = Buffer.byteLength(text)
  const header = frameHeader(length)
  const frame = Buffer.allocUnsafe(header.length + length)
  header.copy(frame)
  frame.write(text, header.length)
  return { frame, payload: frame.subarray(header.length) }
}

/** The payloads of frames that stand one behind the other, for a socket that has to frame them itself. */
export function* payloadsOf(frames: Buffer): Generator<Buffer> {
  for (let at = 0; at < frames.length;) {
    const short = frames.readUInt8(at + 1)
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    const length =
      short < 126 ? short : short === 126 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2))
    yield frames.subarray(at + header, at + header + length)
    at += header + length
  }
}
