import { copyOrMove, mkcol, remove } from './change-methods.ts';
import { get, put } from './file-methods.ts';
import { propfind, proppatch } from './find-methods.ts';
import { lock, unlock } from './lock-methods.ts';
import type { DavRequest } from './request.ts';

/** What each method does. Each answers the request, or throws a `DavError` or a `PhoneError`. */
export const METHODS: Readonly<Record<string, (request: DavRequest) => Promise<void>>> = {
  OPTIONS: (request) => {
    request.done(200, { dav: '1, 2', allow: Object.keys(METHODS).join(', '), 'ms-author-via': 'DAV' });
    return Promise.resolve();
  },
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  GET: get,
  HEAD: get,
  PUT: put,
  DELETE: remove,
  MKCOL: mkcol,
  COPY: copyOrMove,
  MOVE: copyOrMove,
  LOCK: lock,
  UNLOCK: unlock,
};
