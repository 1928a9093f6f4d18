import {
  dataPhaseOf,
  decodeObjectInfo,
  encodeDeviceInfo,
  encodeObjectInfo,
  encodeStorageInfo,
  Format,
  join,
  ObjectProp,
  Operation,
  Reader,
  Response,
  ROOT_WHEN_LISTING,
  SIZE_UNKNOWN,
  Writer,
  type ObjectInfo,
} from '../mtp/wire/index.ts';
import type { ComObject } from './com.ts';
import type { MtpCommands } from './commands.ts';
import {
  describeDevice,
  describeNew,
  describeObject,
  describeStorage,
  isStorage,
  OBJECT_PROPERTIES,
} from './content-datasets.ts';
import { ContentObjects, DEVICE_OBJECT, type ContentStream } from './content-objects.ts';
import type { Answer, Begun, BlockingDriver, Received, Written } from './driver.ts';
import { answered, attempt, UnknownHandle } from './content-responses.ts';
import { Hresult } from './keys.ts';
import { ObjectNumbers } from './object-ids.ts';

/**
 * The standard operations of MTP, answered from WPD's content interface, for drivers that do not let them through. Android's
 * own operations go to the phone as they are.
 */

/** What it answers itself. */
const OPERATIONS = [
  Operation.GetDeviceInfo,
  Operation.OpenSession,
  Operation.CloseSession,
  Operation.GetStorageIDs,
  Operation.GetStorageInfo,
  Operation.GetObjectHandles,
  Operation.GetObjectInfo,
  Operation.GetObject,
  Operation.DeleteObject,
  Operation.SendObjectInfo,
  Operation.SendObject,
  Operation.MoveObject,
  Operation.GetObjectPropValue,
  Operation.SetObjectPropValue,
] as const;

const isAndroids = (operation: number): boolean =>
  operation >= Operation.GetPartialObject64 && operation <= Operation.EndEditObject;

/** A data phase that is open. */
type Phase =
  | { readonly kind: 'raw'; readonly context: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; at: number }
  | { readonly kind: 'stream-in'; readonly stream: ContentStream }
  | {
      readonly kind: 'collect';
      readonly operation: number;
      readonly parameters: readonly number[];
      readonly parts: Uint8Array[];
      readonly total: number;
    }
  | { readonly kind: 'stream-out'; readonly pending: PendingFile; readonly total: number; written: number };

/** A file that was announced and whose bytes come next. */
interface PendingFile {
  readonly number: number;
  /** Missing where the size was not known when it was announced. */
  stream: ContentStream | undefined;
  readonly make: (size: number) => ContentStream;
}

const OK: Answer = { hresult: 0, code: Response.OK };
const refused = (code: number): Answer => ({ hresult: 0, code });
const CONTEXT = 'content';

/** Answers operations from objects and properties. */
export class ContentDriver implements BlockingDriver {
  readonly #raw: MtpCommands;
  readonly #objects: ContentObjects;
  readonly #numbers = new ObjectNumbers();
  #phase: Phase | undefined;
  #pending: PendingFile | undefined;

  constructor(device: ComObject, raw: MtpCommands) {
    this.#raw = raw;
    this.#objects = new ContentObjects(device);
  }

  release(): void {
    this.#drop();
    this.#objects.release();
  }

  execute(operation: number, parameters: readonly number[]): Answer {
    if (isAndroids(operation)) return this.#raw.execute(operation, this.#translated(parameters));
    return answered(() => {
      const [first = 0, second = 0, third = 0] = parameters;
      switch (operation) {
        case Operation.DeleteObject:
          return this.#objects.delete(this.#idOf(first)) ? OK : refused(Response.PartialDeletion);
        case Operation.MoveObject:
          this.#objects.move(this.#idOf(first), third === 0 ? this.#idOf(second, 's') : this.#idOf(third));
          return OK;
        default:
          return refused(Response.OperationNotSupported);
      }
    });
  }

  beginRead(operation: number, parameters: readonly number[]): Begun {
    if (isAndroids(operation)) return this.#rawPhase(this.#raw.beginRead(operation, this.#translated(parameters)));
    return answered((): Begun => {
      if (operation === Operation.GetObject) {
        const id = this.#idOf(parameters[0] ?? 0);
        const { compressedSize, size } = this.#describe(id);
        const stream = this.#objects.openFile(id);
        this.#phase = { kind: 'stream-in', stream };
        const total = Math.max(size, compressedSize === SIZE_UNKNOWN ? SIZE_UNKNOWN : 0);
        return { hresult: 0, context: CONTEXT, total, optimal: stream.optimal };
      }
      const bytes = this.#dataset(operation, parameters);
      if (bytes === undefined) return refused(Response.OperationNotSupported);
      this.#phase = { kind: 'bytes', bytes, at: 0 };
      return { hresult: 0, context: CONTEXT, total: bytes.byteLength };
    });
  }

  beginWrite(operation: number, parameters: readonly number[], total: number): Begun {
    if (isAndroids(operation))
      return this.#rawPhase(this.#raw.beginWrite(operation, this.#translated(parameters), total));
    return answered((): Begun => {
      if (operation !== Operation.SendObject) {
        if (dataPhaseOf(operation) !== 'out' || !(OPERATIONS as readonly number[]).includes(operation))
          return refused(Response.OperationNotSupported);
        this.#phase = { kind: 'collect', operation, parameters, parts: [], total };
        return { hresult: 0, context: CONTEXT };
      }
      const pending = this.#pending;
      if (pending === undefined) return refused(Response.NoValidObjectInfo);
      this.#pending = undefined;
      pending.stream ??= pending.make(total);
      this.#phase = { kind: 'stream-out', pending, total, written: 0 };
      return { hresult: 0, context: CONTEXT, optimal: pending.stream.optimal };
    });
  }

  read(_context: string, size: number): Received {
    const phase = this.#phase;
    switch (phase?.kind) {
      case 'raw':
        return this.#raw.read(phase.context, size);
      case 'bytes': {
        const bytes = phase.bytes.slice(phase.at, phase.at + size);
        phase.at += bytes.byteLength;
        return { hresult: 0, bytes };
      }
      case 'stream-in':
        return attempt(() => ({ hresult: 0, bytes: phase.stream.read(size) }));
      default:
        return { hresult: Hresult.invalidArgument };
    }
  }

  write(_context: string, bytes: Uint8Array): Written {
    const phase = this.#phase;
    switch (phase?.kind) {
      case 'raw':
        return this.#raw.write(phase.context, bytes);
      case 'collect':
        phase.parts.push(bytes);
        return { hresult: 0, written: bytes.byteLength };
      case 'stream-out':
        return attempt(() => {
          const written = phase.pending.stream?.write(bytes) ?? 0;
          phase.written += written;
          return { hresult: 0, written };
        });
      default:
        return { hresult: Hresult.invalidArgument };
    }
  }

  end(_context: string): Answer {
    const phase = this.#phase;
    this.#phase = undefined;
    switch (phase?.kind) {
      case 'raw':
        return this.#raw.end(phase.context);
      case 'bytes':
        return OK;
      case 'stream-in':
        phase.stream.release();
        return OK;
      case 'collect': {
        const data = join(phase.parts);
        if (data.byteLength !== phase.total) return refused(Response.IncompleteTransfer);
        return answered(() => this.#take(phase.operation, phase.parameters, data));
      }
      case 'stream-out':
        return answered(() => this.#finishFile(phase.pending, phase.written === phase.total));
      default:
        return { hresult: Hresult.invalidArgument };
    }
  }

  #finishFile({ stream, number }: PendingFile, isWhole: boolean): Answer {
    if (stream === undefined) return refused(Response.GeneralError);
    try {
      if (!isWhole) {
        stream.revert();
        return refused(Response.IncompleteTransfer);
      }
      this.#numbers.bind(number, stream.commit());
      return OK;
    } finally {
      stream.release();
    }
  }

  #rawPhase(begun: Begun): Begun {
    if (begun.context === undefined) return begun;
    this.#phase = { kind: 'raw', context: begun.context };
    return { ...begun, context: CONTEXT };
  }

  /** Parameters of Android's operations: the first is a handle. */
  #translated([handle = 0, ...rest]: readonly number[]): readonly number[] {
    return [this.#numbers.handleFor(handle), ...rest];
  }

  /** Also of what was not listed here: the phone's own number, from before this driver was asked. */
  #idOf(number: number, letter: 'o' | 's' = 'o'): string {
    const id = this.#numbers.idOf(number) ?? this.#numbers.nameFor(number, letter);
    if (id === undefined) throw new UnknownHandle();
    return id;
  }

  #describe(id: string): ObjectInfo & { readonly size: number } {
    const values = this.#objects.values(id, OBJECT_PROPERTIES);
    try {
      return describeObject(values, this.#numbers);
    } finally {
      values.release();
    }
  }

  #dataset(operation: number, [first = 0, second = 0, third = 0]: readonly number[]): Uint8Array | undefined {
    switch (operation) {
      case Operation.GetDeviceInfo: {
        const operations = [...OPERATIONS, ...(this.#raw.vendorOperations() ?? [])];
        return encodeDeviceInfo({ ...describeDevice(this.#objects), operations });
      }
      case Operation.GetStorageIDs:
        return new Writer().u32Array(this.#storages().map((id) => this.#numbers.of(id))).done();
      case Operation.GetStorageInfo:
        return encodeStorageInfo(describeStorage(this.#objects, this.#idOf(first, 's')));
      case Operation.GetObjectHandles: {
        if (second !== 0 || third === 0) return undefined;
        const parent = third === ROOT_WHEN_LISTING ? this.#idOf(first, 's') : this.#idOf(third);
        return new Writer().u32Array(this.#objects.children(parent).map((id) => this.#numbers.of(id))).done();
      }
      case Operation.GetObjectInfo:
        return encodeObjectInfo(this.#describe(this.#idOf(first)));
      case Operation.GetObjectPropValue:
        if (second !== ObjectProp.ObjectSize) return undefined;
        return new Writer().u64(this.#describe(this.#idOf(first)).size).done();
      default:
        return undefined;
    }
  }

  #storages(): readonly string[] {
    return this.#objects.children(DEVICE_OBJECT).filter((id) => isStorage(this.#objects, id));
  }

  #take(operation: number, parameters: readonly number[], data: Uint8Array): Answer {
    const [first = 0, second = 0] = parameters;
    switch (operation) {
      case Operation.SetObjectPropValue:
        if (second !== ObjectProp.ObjectFileName) return refused(Response.ObjectPropNotSupported);
        this.#objects.rename(this.#idOf(first), new Reader(data, 'ObjectFileName').string());
        return OK;
      case Operation.SendObjectInfo:
        return this.#announce(first, second, decodeObjectInfo(data));
      default:
        return refused(Response.OperationNotSupported);
    }
  }

  /** Creates a folder, or begins a file. */
  #announce(storage: number, parent: number, info: ObjectInfo): Answer {
    this.#drop();
    const isRoot = parent === ROOT_WHEN_LISTING || parent === 0;
    const folder = isRoot ? this.#idOf(storage, 's') : this.#idOf(parent);
    const answer = (number: number): Answer => ({ ...OK, parameters: [storage, parent, number] });
    if (info.format === Format.Association) {
      const values = describeNew(this.#objects.com, folder, info, undefined);
      try {
        return answer(this.#numbers.of(this.#objects.createFolder(values)));
      } finally {
        values.release();
      }
    }
    const make = (size: number): ContentStream => {
      const values = describeNew(this.#objects.com, folder, info, size);
      try {
        return this.#objects.createFile(values);
      } finally {
        values.release();
      }
    };
    const number = this.#numbers.reserve();
    const stream = info.compressedSize === SIZE_UNKNOWN ? undefined : make(info.compressedSize);
    this.#pending = { number, stream, make };
    return answer(number);
  }

  /** Whatever was begun and is not wanted any more. */
  #drop(): void {
    const phase = this.#phase;
    this.#phase = undefined;
    if (phase?.kind === 'stream-in') phase.stream.release();
    const pending = phase?.kind === 'stream-out' ? phase.pending : this.#pending;
    this.#pending = undefined;
    pending?.stream?.revert();
    pending?.stream?.release();
  }
}
