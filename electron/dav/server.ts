import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { DeviceKey } from '../../shared/domain.ts';
import { failRequest, problemOf } from '../../shared/errors.ts';
import type { Engine } from '../engine/index.ts';
import { addressOf, segmentsOf } from './address.ts';
import { Drive } from './drive.ts';
import { METHODS } from './methods.ts';
import { isOwnPeer } from './peers.ts';
import { DavRequest } from './request.ts';
import { DavError, davErrorOf } from './status.ts';
import { PROLOGUE } from './xml.ts';

/** What the drive is made of. */
export interface DriveOptions {
  readonly engine: Engine;
  /** 0 picks a free port. */
  readonly port?: number;
  readonly log?: (line: string) => void;
}

/** The running drive. */
export interface DriveServer {
  /** Its address. Whoever knows it can use the phones. */
  readonly url: string;
  readonly port: number;
  /** The address of one phone's folder; of the drive, where the phone was not seen yet. */
  urlOf(device: DeviceKey): string;
  /** Names of files that are being written to a phone now. */
  readonly writing: readonly string[];
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 64;
/** Milliseconds for the head of a request to arrive. */
const HEAD_MS = 10_000;
/** A refused body up to this size is read to its end, bytes, so that the client gets to read the answer. */
const WORTH_READING = 1024 * 1024;

/** Listens on 127.0.0.1 only. Rejects with `bad-request` where the port cannot be had. */
export async function startDrive(options: DriveOptions): Promise<DriveServer> {
  const secret = randomBytes(16).toString('hex');
  const drive = new Drive(options.engine);
  const log = options.log ?? ((): void => undefined);
  let hosts: readonly string[] = [];
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    void serve({ drive, secret, hosts, incoming, response, log });
  };
  const server = http.createServer(
    {
      headersTimeout: HEAD_MS,
      // a large file may take hours, so its pauses are limited instead
      requestTimeout: 0,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16 * 1024,
    },
    answer,
  );
  server.maxConnections = MOST_CONNECTIONS;
  // whoever asks before it sends is answered before it has sent
  server.on('checkContinue', answer);
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'HPE_HEADER_OVERFLOW' && socket.writable)
      socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  const port = await listen(server, options.port ?? 0);
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const base = `http://127.0.0.1:${port}`;
  log(`the drive listens on 127.0.0.1:${port}`);
  return {
    url: `${base}${addressOf(secret, [], true)}`,
    port,
    urlOf: (device) => {
      const name = drive.volumes.nameOf(device);
      return `${base}${addressOf(secret, name === undefined ? [] : [name], true)}`;
    },
    get writing() {
      return [...drive.writing.values()];
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        failRequest(
          'mount',
          { id: error.code === 'EADDRINUSE' ? 'port-taken' : 'port-refused', with: { port: String(port) } },
          { id: 'other-port' },
        ),
      );
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

interface Call {
  readonly drive: Drive;
  readonly secret: string;
  readonly hosts: readonly string[];
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly log: (line: string) => void;
}

async function serve({ log, ...call }: Call): Promise<void> {
  const { incoming, response } = call;
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', "default-src 'none'; sandbox");
  try {
    refuseStrangers(incoming, call.hosts);
    if (!(await admitted(incoming.socket))) throw new DavError(403);
    const { method = '' } = incoming;
    const segments = segmentsOf(incoming.url ?? '', call.secret);
    const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (run === undefined) throw new DavError(405, undefined, { allow: Object.keys(METHODS).join(', ') });
    await run(new DavRequest({ ...call, segments }));
  } catch (error) {
    if (davErrorOf(error).status === 500) {
      const { kind, operation, detail } = problemOf(error, 'drive');
      log(`drive: ${incoming.method ?? ''}: ${kind} in ${operation}: ${detail}`);
    }
    sayWhy(incoming, response, davErrorOf(error));
  }
}

/** Looked up once for each connection. */
const peers = new WeakMap<Socket, Promise<boolean>>();

function admitted(socket: Socket): Promise<boolean> {
  const known = peers.get(socket) ?? isOwnPeer(socket);
  peers.set(socket, known);
  return known;
}

/**
 * A page of any site may send requests here. It cannot know the secret, and is refused before anything is looked at: by the
 * Host, which is its own where its name was made to lead here, and by the Origin, which no WebDAV client sends.
 */
function refuseStrangers({ headers }: IncomingMessage, hosts: readonly string[]): void {
  if (!hosts.includes(headers.host?.toLowerCase() ?? '')) throw new DavError(421);
  if (headers.origin !== undefined) throw new DavError(403);
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none') throw new DavError(403);
}

function sayWhy(incoming: IncomingMessage, response: ServerResponse, error: DavError): void {
  if (response.headersSent) {
    // what was promised cannot be kept: the client must not take it for the end of the file
    response.destroy();
    return;
  }
  if (response.destroyed) return;
  const { status, condition, headers } = error;
  const body = condition === undefined ? '' : `${PROLOGUE}<D:error xmlns:D="DAV:"><D:${condition}/></D:error>\n`;
  const unread = incoming.complete ? 0 : Number(incoming.headers['content-length'] ?? Infinity);
  const hasBody =
    incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined;
  const closes = hasBody && unread > WORTH_READING;
  if (status === 304) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(status, {
    ...headers,
    ...(body === '' ? {} : { 'content-type': 'application/xml; charset="utf-8"' }),
    'content-length': String(Buffer.byteLength(body)),
    ...(closes ? { connection: 'close' } : {}),
  });
  response.end(body, () => {
    if (closes) incoming.destroy();
  });
}
