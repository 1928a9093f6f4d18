import { saveTo } from '../stores/actions.ts';
import { closeFind } from '../stores/find.ts';
import { useFolder } from '../stores/folder.ts';
import { isMac, run } from '../stores/host.ts';
import { goBack, goForward, goUp, openDialog, useWindow } from '../stores/window.ts';
import { windowCommand, type WindowCommand } from '../view-models/keys.ts';
import { isTextField } from './system-drop.ts';
import { reportShownPhone } from './shown-device.ts';
import { toggleHidden } from './toolbar.tsx';
import { focusSearch } from './search-field.tsx';
import { pickFiles } from './upload-input.ts';

/** Keys that work wherever the focus is. Returns the unsubscribe function. */
export function listenForKeys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTextField(event.target) || useWindow.getState().dialog !== undefined) return;
    const command = windowCommand(
      { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, shift: event.shiftKey },
      isMac(),
    );
    if (command === undefined) return;
    event.preventDefault();
    perform(command);
  };
  // Back and forward buttons of the mouse.
  const button = (event: MouseEvent): void => {
    if (event.button === 3) goBack();
    if (event.button === 4) goForward();
  };
  document.addEventListener('keydown', pressed);
  document.addEventListener('mouseup', button);
  return () => {
    document.removeEventListener('keydown', pressed);
    document.removeEventListener('mouseup', button);
  };
}

/** Executes a command, from a key or from the menu. */
export function perform(command: WindowCommand): void {
  const { place } = useWindow.getState();
  const listed = useFolder.getState().place;
  switch (command) {
    case 'back':
      return goBack();
    case 'forward':
      return goForward();
    case 'up':
      return goUp();
    case 'filter':
      focusSearch(false);
      return;
    case 'find':
      useWindow.setState({ page: 'browse' });
      focusSearch(true);
      return;
    case 'new-folder':
      closeFind();
      if (place !== undefined) useWindow.setState({ making: true });
      return;
    case 'upload':
      if (place !== undefined) pickFiles(place);
      return;
    case 'save':
      return saveTo();
    case 'refresh':
      if (listed !== undefined) void run('refresh', { place: listed });
      return;
    case 'hidden':
      return toggleHidden();
    case 'list':
      return useWindow.setState({ layout: 'list' });
    case 'grid':
      return useWindow.setState({ layout: 'grid' });
    case 'inspector':
      return useWindow.setState((state) => ({ inspector: !state.inspector }));
    case 'drawer':
      return useWindow.setState((state) => ({ drawer: !state.drawer }));
    case 'history':
      return useWindow.setState((state) => ({ page: state.page === 'history' ? 'browse' : 'history' }));
    case 'settings':
      return openDialog({ kind: 'settings' });
    case 'shortcuts':
      return openDialog({ kind: 'shortcuts' });
    case 'report-phone':
      return reportShownPhone();
  }
}
