import { failRequest, type Fault } from '../../shared/errors.ts';
import type { VirtualPhoneOptions } from './options.ts';
import { PROFILE_NAMES, QUIRK_NAMES } from './profiles.ts';
import type { QuirkName } from './profiles.ts';

const FORM =
  'DIR[,profile=P][,serial=S][,name=N][,sd=DIR2][,capacity=BYTES][,sd-capacity=BYTES][,rate=BYTES_PER_SECOND][,latency=MS][,speed=full|high|super][,storage-name=N][,sd-name=N][,sd-after=MS][,twin=DIR3][,phantom=PATH]…[,furnish][,quirk=Q[:NUMBER]]…';
const SPEEDS: Readonly<Record<string, 64 | 512 | 1024>> = { full: 64, high: 512, super: 1024 };

const bad = (fault: Fault): Error => failRequest('virtual', fault, { id: 'form', with: { form: FORM } });
const notOneOf = (key: string, value: string, known: readonly string[]): Error =>
  bad({ id: 'virtual-choice', with: { key, value, known: known.join(', ') } });

const bytes = (key: string, value: string): number => {
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
    throw bad({ id: 'virtual-number', with: { key, value } });
  return Number(value);
};

/** Parses `--virtual`. Throws `bad-request` with what is wrong with it. */
export function parseVirtualSpec(text: string): VirtualPhoneOptions {
  const [directory = '', ...parts] = splitParts(text);
  if (directory === '') throw bad({ id: 'virtual-folder' });
  let options: VirtualPhoneOptions = { directory };
  const quirks: (readonly [QuirkName, number])[] = [];
  /** Storages with the same name and size as the internal one (dual apps). */
  const twins: string[] = [];
  for (const part of parts) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const value = at < 0 ? '' : part.slice(at + 1);
    if (key !== 'furnish' && value === '') throw bad({ id: 'virtual-value', with: { part } });
    switch (key) {
      case 'profile': {
        const profile = PROFILE_NAMES.find((name) => name === value);
        if (profile === undefined) throw notOneOf(key, value, PROFILE_NAMES);
        options = { ...options, profile };
        break;
      }
      case 'serial':
        options = { ...options, serial: value };
        break;
      case 'name':
        options = { ...options, name: value };
        break;
      case 'sd':
        options = { ...options, sdDirectory: value };
        break;
      case 'capacity':
        options = { ...options, capacity: bytes(key, value) };
        break;
      case 'sd-capacity':
        options = { ...options, sdCapacity: bytes(key, value) };
        break;
      case 'rate':
        options = { ...options, rate: bytes(key, value) };
        break;
      case 'latency':
        options = { ...options, latencyMs: bytes(key, value) };
        break;
      case 'speed': {
        const maxPacketSize = SPEEDS[value];
        if (maxPacketSize === undefined) throw notOneOf(key, value, Object.keys(SPEEDS));
        options = { ...options, maxPacketSize };
        break;
      }
      case 'storage-name':
        options = { ...options, storageName: value };
        break;
      case 'sd-name':
        options = { ...options, sdName: value };
        break;
      case 'sd-after':
        options = { ...options, sdAfterMs: bytes(key, value) };
        break;
      case 'twin':
        twins.push(value);
        break;
      case 'phantom':
        options = { ...options, phantoms: [...(options.phantoms ?? []), value] };
        break;
      case 'furnish':
        options = { ...options, createDefaultFolders: true };
        break;
      case 'quirk':
        quirks.push(parseQuirk(value));
        break;
      default:
        throw bad({ id: 'virtual-key', with: { key } });
    }
  }
  if (twins.length > 0)
    options = { ...options, storages: twins.map((folder) => ({ directory: folder, capacity: options.capacity })) };
  return quirks.length === 0 ? options : { ...options, quirks };
}

function parseQuirk(value: string): readonly [QuirkName, number] {
  const [name = '', count] = value.split(':', 2);
  const quirk = QUIRK_NAMES.find((known) => known === name);
  if (quirk === undefined) throw notOneOf('quirk', name, QUIRK_NAMES);
  return [quirk, count === undefined ? 1 : bytes('quirk', count)];
}

const KEYS =
  /^(?:profile|serial|name|sd|capacity|sd-capacity|rate|latency|speed|quirk|storage-name|sd-name|sd-after|twin|phantom)=|^furnish$/;

/**
 * A comma that does not precede one of the keys belongs to the folder's or phone's name; an unknown `word=` is an
 * error.
 */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  for (const piece of text.split(',')) {
    const isKey = KEYS.test(piece) || /^[a-z-]+=/.test(piece);
    if (parts.length === 0 || isKey) parts.push(piece);
    else parts.push(`${parts.pop() ?? ''},${piece}`);
  }
  return parts;
}
