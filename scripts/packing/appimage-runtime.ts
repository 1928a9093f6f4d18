import fs from 'node:fs';

/** What an AppImage says of the program at its front, which mounts the rest. */
export interface Runtime {
  /** `x64` or `arm64`; `undefined` for another processor. */
  readonly arch: 'x64' | 'arm64' | undefined;
  /** Whether it has an AppImage's mark of type 2, `AI` 02 at byte 8. */
  readonly marked: boolean;
  /** A linked program is started by the system's loader, and looks for the system's libfuse2. A static one needs neither. */
  readonly linked: boolean;
  /** Byte at which the file system begins, and whether one (squashfs) does. */
  readonly payload: number;
  readonly hasFileSystem: boolean;
}

const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0n;
const DT_NEEDED = 1n;
const MACHINES: Readonly<Record<number, 'x64' | 'arm64'>> = { 62: 'x64', 183: 'arm64' };

/** Reads the head of a file; throws an `Error` if it is no 64-bit little-endian ELF program. */
export function runtimeOf(file: string): Runtime {
  const handle = fs.openSync(file, 'r');
  try {
    const read = (at: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      const got = fs.readSync(handle, bytes, 0, length, at);
      return bytes.subarray(0, got);
    };
    const head = read(0, 64);
    if (head.length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF' || head[4] !== 2 || head[5] !== 1)
      throw new Error(`${file} is not a 64-bit ELF program`);
    const entries = head.readUInt16LE(0x38);
    const size = head.readUInt16LE(0x36);
    const programs = read(Number(head.readBigUInt64LE(0x20)), entries * size);
    let linked = false;
    for (let at = 0; at + 56 <= programs.length; at += size) {
      const type = programs.readUInt32LE(at);
      if (type === PT_INTERP) linked = true;
      // a static program that can be loaded anywhere has a dynamic section too, but needs no library
      if (type === PT_DYNAMIC)
        linked ||= needsLibraries(
          read(Number(programs.readBigUInt64LE(at + 0x08)), Number(programs.readBigUInt64LE(at + 0x20))),
        );
    }
    // as the runtime itself computes it: what lies behind the table of sections
    const payload = Number(head.readBigUInt64LE(0x28)) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c);
    return {
      arch: MACHINES[head.readUInt16LE(0x12)],
      marked: head.toString('latin1', 8, 11) === 'AI\x02',
      linked,
      payload,
      hasFileSystem: read(payload, 4).toString('latin1') === 'hsqs',
    };
  } finally {
    fs.closeSync(handle);
  }
}

function needsLibraries(dynamic: Buffer): boolean {
  for (let at = 0; at + 16 <= dynamic.length; at += 16) {
    const tag = dynamic.readBigUInt64LE(at);
    if (tag === DT_NULL) return false;
    if (tag === DT_NEEDED) return true;
  }
  return false;
}

/** What keeps an AppImage from starting on a distribution without libfuse2; empty if nothing does. */
export function complaintsAbout(file: string, arch: 'x64' | 'arm64'): readonly string[] {
  const runtime = runtimeOf(file);
  const problems: string[] = [];
  if (!runtime.marked) problems.push('it is not marked as an AppImage');
  if (runtime.linked) problems.push('its runtime needs libraries of the system: it is not the static one');
  if (runtime.arch !== arch) problems.push(`its runtime is for ${runtime.arch ?? 'another processor'}, not ${arch}`);
  if (!runtime.hasFileSystem) problems.push('no file system follows the runtime');
  return problems.map((one) => `${file}: ${one}`);
}
