import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeProblem, failRequest, type PhoneErrorKind, problemOf } from '../../shared/errors.ts';
import type { BridgeHost } from '../engine/bridge-host.ts';
import { answerFor, type ServedFile } from '../engine/looking/served-file.ts';
import { HEADERS, addressOf, isToken, newToken, refusalOf } from './gate.ts';
import { Pages } from './pages.ts';
import { Sockets, type SocketLimits } from './sockets.ts';
import { Spool, type SpoolOptions } from './spool.ts';

/** What the server on 127.0.0.1 is made of. */
export interface LoopbackOptions {
  readonly bridge: BridgeHost;
  /** Folder of the built window. */
  readonly pages: string;
  readonly spool: SpoolOptions;
  /** Files of phones and copies of them, by the path of the address; `undefined` where there is none. */
  readonly files?: (pathname: string) => Promise<ServedFile | undefined>;
  /** 0 picks a free port. */
  readonly port?: number;
  readonly limits?: Partial<LoopbackLimits>;
  readonly log?: (line: string) => void;
}

/** Limits on what connected programs may cost; `connections` counts all open ones. */
export interface LoopbackLimits extends SocketLimits {
  /** Milliseconds for the head of a request to arrive. */
  readonly headMs: number;
  /** Longest pause in the body of an upload, in milliseconds. */
  readonly bodyPauseMs: number;
  readonly connections: number;
}

/** The running server. */
export interface LoopbackHost {
  /** Contains the token in its fragment, which browsers never send. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /**
   * An address that redirects to `url` once, within a minute. For the command line of a browser, which every user of
   * the computer can read.
   */
  ticket(): string;
  /** Deletes dropped files that are no longer needed. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

const LIMITS: LoopbackLimits = {
  headMs: 10_000,
  bodyPauseMs: 30_000,
  connections: 64,
  sockets: 16,
  messageBytes: 16 * 1024 * 1024,
  unsentBytes: 32 * 1024 * 1024,
  pingMs: 15_000,
};

/** Milliseconds; a browser may start slowly. */
const TICKET_MS = 60_000;

/** Listens on 127.0.0.1 only. */
export async function startLoopbackHost(options: LoopbackOptions): Promise<LoopbackHost> {
  const limits = { ...LIMITS, ...options.limits };
  const token = newToken();
  const spool = new Spool(options.spool);
  await spool.sweep(true);
  const sockets = new Sockets(options.bridge, limits);
  const desk = new Desk({ token, spool, pages: new Pages(options.pages), files: options.files, limits });

  const server = http.createServer(
    {
      headersTimeout: limits.headMs,
      // an upload may take hours, so its pauses are limited instead
      requestTimeout: 0,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: Math.max(100, Math.min(2000, limits.headMs / 2)),
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => void desk.answer(request, response, port),
  );
  server.maxConnections = limits.connections;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = addressOf(request);
    const refusal =
      refusalOf(request, port, true) ??
      (url.pathname !== '/bridge' || !isToken(url.searchParams.get('token'), token)
        ? { status: 403 as const }
        : undefined);
    if (refusal === undefined) sockets.accept(request, socket, head);
    else socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  const port = await listen(server, options.port ?? 0);
  options.log?.(`listening on 127.0.0.1:${port}`);
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    ticket: () => `http://127.0.0.1:${port}/open?ticket=${desk.newTicket()}`,
    sweep: () => spool.sweep(false),
    close: async () => {
      sockets.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await spool.sweep(false);
    },
  };
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        failRequest(
          'serve',
          { id: error.code === 'EADDRINUSE' ? 'port-taken' : 'port-refused', with: { port: String(port) } },
          { id: 'other-port' },
        ),
      ),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Handles plain HTTP requests: pages and uploads. */
class Desk {
  readonly #token: string;
  readonly #spool: Spool;
  readonly #pages: Pages;
  readonly #files: LoopbackOptions['files'];
  readonly #limits: LoopbackLimits;
  readonly #tickets = new Set<string>();

  constructor(parts: {
    readonly token: string;
    readonly spool: Spool;
    readonly pages: Pages;
    readonly files: LoopbackOptions['files'];
    readonly limits: LoopbackLimits;
  }) {
    this.#token = parts.token;
    this.#spool = parts.spool;
    this.#pages = parts.pages;
    this.#files = parts.files;
    this.#limits = parts.limits;
  }

  newTicket(): string {
    const ticket = newToken();
    this.#tickets.add(ticket);
    setTimeout(() => this.#tickets.delete(ticket), TICKET_MS).unref();
    return ticket;
  }

  async answer(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      const isReading = request.method === 'GET' || request.method === 'HEAD';
      const refusal = refusalOf(request, port, !isReading);
      if (refusal !== undefined) return say(response, refusal.status, refusal.text);
      const url = addressOf(request);
      if (url.pathname.startsWith('/spool/')) return await this.#drop(request, response, url);
      if (url.pathname === '/open' && request.method === 'GET') return this.#open(response, url);
      const file = await this.#files?.(url.pathname);
      if (file !== undefined) return await send(file, request, response);
      if (!isReading) return say(response, 405, 'There is nothing to send here.');
      if (!(await this.#pages.send(url.pathname, response, request.method === 'HEAD')))
        say(response, 404, 'There is no such page.');
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const problem = problemOf(error, 'request');
      const { what, remedy } = describeProblem(problem);
      say(response, statusOf(problem.kind), `${what} ${remedy}`);
    }
  }

  #open(response: ServerResponse, url: URL): void {
    const given = url.searchParams.get('ticket');
    const ticket = [...this.#tickets].find((one) => isToken(given, one));
    if (ticket === undefined) return say(response, 403, 'This address was used before or is too old.');
    this.#tickets.delete(ticket);
    response.writeHead(302, { location: `/#token=${this.#token}` }).end();
  }

  async #drop(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const given = request.headers['x-replug-token'];
    if (typeof given !== 'string' || !isToken(given, this.#token))
      return say(response, 403, 'This page may not talk to Replug.');
    const [, , batch = '', action, ...more] = url.pathname.split('/');
    if (request.method === 'POST' && action === 'done' && more.length === 0) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ roots: await this.#spool.roots(batch) }));
    } else if (request.method === 'PUT' && action === undefined) {
      const length = Number(request.headers['content-length']);
      const modified = Number(request.headers['x-replug-modified']);
      // A sender that stalls is disconnected, or its incomplete upload would hold the connection forever.
      request.setTimeout(this.#limits.bodyPauseMs, () => request.destroy(new Error('the sender stopped')));
      await this.#spool.store(
        batch,
        {
          path: url.searchParams.get('path') ?? '',
          length: Number.isSafeInteger(length) ? length : undefined,
          modified: Number.isFinite(modified) ? modified : undefined,
        },
        request,
      );
      response.writeHead(204).end();
    } else {
      say(response, 405, 'There is nothing to send here.');
    }
  }
}

/** A player that jumps or is closed ends its request in the middle: then nothing more is read. */
async function send(file: ServedFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = answerFor(file, request.method ?? '', request.headers.range);
  response.writeHead(status, headers);
  if (body === undefined) {
    response.end();
    return;
  }
  // a phone that went away cannot be told of any more: the answer has begun
  await pipeline(Readable.from(untilLeft(body, response), { objectMode: false }), response).catch(() =>
    response.destroy(),
  );
}

/** Milliseconds in which a window that leaves a file ends its own requests for it. */
const LEAVING_MS = 1_000;

/**
 * The body; where the file is closed in the middle, its end waits for the window's, which comes at the same moment over
 * another connection: a browser complains of an answer that is cut short.
 */
async function* untilLeft(body: AsyncIterable<Uint8Array>, response: ServerResponse): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!response.destroyed) {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), LEAVING_MS);
      await once(response, 'close', { signal: late.signal }).catch(() => undefined);
      clearTimeout(timer);
    }
    throw error;
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  // the rest of a refused body is not read; the response closes the connection
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text);
}

function statusOf(kind: PhoneErrorKind): number {
  switch (kind) {
    case 'bad-request':
    case 'local-bad-name':
      return 400;
    case 'local-exists':
      return 409;
    case 'local-full':
      return 507;
    default:
      return 500;
  }
}
