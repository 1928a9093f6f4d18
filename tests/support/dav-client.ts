import http from 'node:http';

/** A WebDAV client of a few lines, for what real ones never send. */

/** What came back. */
export interface DavAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How a request is made. */
export interface DavAsk {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  /** The body has no announced length. */
  readonly chunked?: boolean;
}

/** Asks the server at `base`; `target` goes out as it is, unless it begins without a slash: then it is below `base`. */
export function ask(
  base: string,
  method: string,
  target: string,
  { headers = {}, body, chunked }: DavAsk = {},
): Promise<DavAnswer> {
  const { hostname, port, pathname } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method,
        path: target.startsWith('/') ? target : pathname + target,
        headers: {
          ...(body === undefined || chunked === true ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          ...(chunked === true ? { 'transfer-encoding': 'chunked' } : {}),
          ...headers,
        },
        agent: false,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
