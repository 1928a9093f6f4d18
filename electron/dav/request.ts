import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressOf, segmentsInHeader, type Segments } from './address.ts';
import { checkConditions } from './conditional.ts';
import type { Drive, Resource } from './drive.ts';
import { parseIf, tokensIn, type IfList } from './if-header.ts';
import type { Lock } from './locks.ts';
import { DavError } from './status.ts';
import { LARGEST_BODY, parseXml, PROLOGUE, type Element } from './xml.ts';

/** One request: what it asks for and under which conditions, and what its answer is written with. */
export class DavRequest {
  readonly drive: Drive;
  readonly secret: string;
  readonly segments: Segments;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly #hosts: readonly string[];
  #lists: readonly IfList[] | undefined;

  constructor(parts: {
    readonly drive: Drive;
    readonly secret: string;
    readonly hosts: readonly string[];
    readonly segments: Segments;
    readonly incoming: IncomingMessage;
    readonly response: ServerResponse;
  }) {
    this.drive = parts.drive;
    this.secret = parts.secret;
    this.#hosts = parts.hosts;
    this.segments = parts.segments;
    this.incoming = parts.incoming;
    this.response = parts.response;
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The address of what lies along these names. */
  address(segments: Segments, isFolder: boolean): string {
    return addressOf(this.secret, segments, isFolder);
  }

  /** `0`, `1` or `infinity`, which it is without the header. Throws 400. */
  get depth(): '0' | '1' | 'infinity' {
    const depth = this.header('depth')?.trim().toLowerCase() ?? 'infinity';
    if (depth !== '0' && depth !== '1' && depth !== 'infinity') throw new DavError(400);
    return depth;
  }

  /** Where to, of COPY and MOVE. Throws 400, 403 and 502. */
  get destination(): Segments {
    const header = this.header('destination');
    if (header === undefined) throw new DavError(400);
    return this.#elsewhere(header);
  }

  #elsewhere(text: string): Segments {
    try {
      return segmentsInHeader(text, this.secret, this.#hosts);
    } catch (error) {
      // whoever knows this drive does not know another one here
      if (error instanceof DavError && error.status === 404) throw new DavError(403);
      throw error;
    }
  }

  get #ifLists(): readonly IfList[] {
    const header = this.header('if');
    this.#lists ??= header === undefined ? [] : parseIf(header);
    return this.#lists;
  }

  /** The lock tokens that the request shows. */
  get tokens(): ReadonlySet<string> {
    return tokensIn(this.#ifLists);
  }

  /** Throws 412 where neither the conditions of HTTP nor those of the `If` header hold, 304 where nothing is new. */
  async check(now: Resource | undefined, isReading = false): Promise<void> {
    const version = now && { etag: now.etag ?? '', modified: now.modified };
    checkConditions(this.incoming.headers, version, isReading);
    if (this.#ifLists.length === 0) return;
    for (const list of this.#ifLists) if (await this.#holds(list, now)) return;
    throw new DavError(412);
  }

  async #holds({ tag, conditions }: IfList, asked: Resource | undefined): Promise<boolean> {
    const segments = tag === undefined ? this.segments : this.#elsewhere(tag);
    for (const { not, kind, value } of conditions) {
      let isMet: boolean;
      if (kind === 'token') isMet = this.drive.locks.on(segments).some(({ token }) => token === value);
      else isMet = (tag === undefined ? asked : await this.drive.find(segments))?.etag === value;
      if (isMet === not) return false;
    }
    return true;
  }

  /** Throws 423 where something is locked that `segments`, and all below if `deep`, belong to, and no token for it was shown. */
  requireUnlocked(segments: Segments, { deep = false, member = false } = {}): void {
    const { locks } = this.drive;
    const inTheWay: Lock[] = [...locks.on(segments)];
    if (deep) inTheWay.push(...locks.below(segments));
    // what is made or removed changes its folder
    if (member) inTheWay.push(...locks.on(segments.slice(0, -1)));
    const exclusive = inTheWay.filter(({ shared }) => !shared);
    const shared = inTheWay.filter((lock) => lock.shared);
    const { tokens } = this;
    const isHeld = (lock: Lock): boolean => tokens.has(lock.token);
    if (exclusive.every(isHeld) && (shared.length === 0 || shared.some(isHeld))) return;
    throw new DavError(423, 'lock-token-submitted');
  }

  /** Lets a client send that asks first. */
  get body(): AsyncIterable<Buffer> {
    if (this.header('expect')?.toLowerCase() === '100-continue') this.response.writeContinue();
    return this.incoming as AsyncIterable<Buffer>;
  }

  /** The body as XML; `undefined` where there is none. Throws 400 and 413. */
  async xml(): Promise<Element | undefined> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of this.body) {
      length += piece.byteLength;
      if (length > LARGEST_BODY) throw new DavError(413);
      pieces.push(piece);
    }
    if (length === 0) return undefined;
    let text: string;
    try {
      text = new TextDecoder(encodingOf(pieces[0]), { fatal: true }).decode(Buffer.concat(pieces));
    } catch {
      throw new DavError(400);
    }
    return parseXml(text);
  }

  /** An answer without a body. */
  done(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'content-length': '0' }) }).end();
  }

  /** An answer that is an XML document. */
  sendXml(status: number, xml: string, headers: Readonly<Record<string, string>> = {}): void {
    const body = Buffer.from(PROLOGUE + xml);
    this.response
      .writeHead(status, {
        ...headers,
        'content-type': 'application/xml; charset="utf-8"',
        'content-length': String(body.byteLength),
      })
      .end(body);
  }
}

const encodingOf = (first: Buffer | undefined): string =>
  first?.[0] === 0xff && first[1] === 0xfe
    ? 'utf-16le'
    : first?.[0] === 0xfe && first[1] === 0xff
      ? 'utf-16be'
      : 'utf-8';
