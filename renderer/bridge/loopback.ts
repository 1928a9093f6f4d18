import type { Bridge, FromHost, ToHost } from '../../shared/contract.ts';
import { BridgeClient } from './client.ts';
import { spool } from './spool.ts';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;

/** The bridge over a WebSocket to the loopback host that served this page. Reconnects automatically. */
export function loopbackBridge(place: Location, token: string): Bridge {
  const address = `${place.protocol === 'https:' ? 'wss' : 'ws'}://${place.host}/bridge?token=${encodeURIComponent(token)}`;
  let socket: WebSocket | undefined;
  let wait = FIRST_WAIT;
  let early: ToHost[] = [];

  const client = new BridgeClient((message) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    else early.push(message);
  });

  const connect = (): void => {
    socket = new WebSocket(address);
    socket.onopen = () => {
      wait = FIRST_WAIT;
      const queued = early;
      early = [];
      for (const message of queued) socket?.send(JSON.stringify(message));
      client.connected();
    };
    socket.onmessage = (event: MessageEvent<string>) => client.receive(JSON.parse(event.data) as FromHost);
    socket.onclose = () => {
      early = [];
      client.lost();
      setTimeout(connect, wait);
      wait = Math.min(LONGEST_WAIT, wait * 2);
    };
  };
  connect();

  return {
    command: (name, argument) => client.command(name, argument),
    subscribe: (name, argument, listener, refused) => client.subscribe(name, argument, listener, refused),
    onConnection: (listener) => client.onConnection(listener),
    acceptDrop: (files, onProgress, onProblem) => spool(token, files, onProgress, onProblem),
  };
}
