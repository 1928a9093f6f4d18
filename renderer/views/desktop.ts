import type { LocalPath, PhonePlace } from '../../shared/domain.ts';
import type { WindowRequest } from '../../shared/window-requests.ts';
import { onRequest } from '../bridge/current.ts';
import { run, useHost } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import { useWindow } from '../stores/window.ts';
import { placeName } from '../view-models/places.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { perform } from './window-keys.ts';

/** Handles menu commands and opened files when running in Electron. Returns the unsubscribe function. */
export function listenToDesktop(): () => void {
  let waiting: LocalPath[] = [];
  const send = (place: PhonePlace | undefined): void => {
    if (place === undefined || waiting.length === 0) return;
    const sources = waiting;
    waiting = [];
    void upload(sources, place);
  };
  const endWindow = useWindow.subscribe(({ place }) => send(place));
  const heard = (request: WindowRequest): void => {
    switch (request.kind) {
      case 'perform':
        if (useWindow.getState().dialog === undefined) perform(request.command);
        return;
      case 'send':
        waiting.push(...request.paths);
        if (useWindow.getState().place === undefined) say(windowWords.drop.willCopyOnce({ count: waiting.length }));
        send(useWindow.getState().place);
        return;
    }
  };
  const endRequests = onRequest?.(heard);
  return () => {
    endWindow();
    endRequests?.();
  };
}

async function upload(sources: readonly LocalPath[], to: PhonePlace): Promise<void> {
  const reply = await run('upload', { sources, to, options: undefined });
  const devices = useHost.getState().devices?.devices ?? [];
  if (reply.ok) say(windowWords.drop.willCopyTo({ count: sources.length, target: placeName(to, devices) }));
}
