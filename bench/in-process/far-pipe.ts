import type { Duplex } from 'node:stream';

/** Messages with bytes over a pipe between two processes; the bytes are not copied together on their way out. */

/** Two lengths: of the message, as JSON, and of the bytes behind it. */
const HEAD = 8;

/** Resolves when the pipe has taken all of it. */
export function send(pipe: Duplex, message: object, parts: readonly Uint8Array[] = []): Promise<void> {
  const text = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(text.byteLength, 0);
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.byteLength, 0),
    4,
  );
  return new Promise((resolve, reject) => {
    pipe.cork();
    pipe.write(head);
    for (const part of parts) if (part.byteLength > 0) pipe.write(part);
    pipe.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
    pipe.uncork();
  });
}

/** Calls `each` with every message that comes. */
export function receive(pipe: Duplex, each: (message: unknown, bytes: Uint8Array) => void): void {
  const have: Buffer[] = [];
  let length = 0;
  const take = (count: number): Buffer => {
    const taken = Buffer.allocUnsafeSlow(count);
    let at = 0;
    while (at < count) {
      const first = have[0] ?? Buffer.alloc(0);
      const used = Math.min(first.byteLength, count - at);
      taken.set(first.subarray(0, used), at);
      at += used;
      if (used === first.byteLength) have.shift();
      else have[0] = first.subarray(used);
    }
    length -= count;
    return taken;
  };
  let head: Buffer | undefined;
  pipe.on('data', (piece: Buffer) => {
    have.push(piece);
    length += piece.byteLength;
    for (;;) {
      if (head === undefined) {
        if (length < HEAD) return;
        head = take(HEAD);
      }
      const [text, bytes] = [head.readUInt32LE(0), head.readUInt32LE(4)];
      if (length < text + bytes) return;
      head = undefined;
      const body = take(bytes);
      each(JSON.parse(take(text).toString()) as unknown, body);
    }
  });
}
