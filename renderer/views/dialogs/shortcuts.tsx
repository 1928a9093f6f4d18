import type { ReactNode } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
import { isMac } from '../../stores/host.ts';
import { closeDialog } from '../../stores/window.ts';
import { shortcutSheet } from '../../view-models/keys.ts';
import { windowWords } from '../../../shared/words/made/window.ts';

/** The list of keyboard shortcuts, for the host’s system. */
export function ShortcutsDialog(): ReactNode {
  return (
    <Dialog wide title={windowWords.shortcut.title} onClose={closeDialog}>
      <div className="shortcuts">
        {shortcutSheet(isMac()).map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.lines.map((line) => (
                <div key={line.what}>
                  <dt>{line.what}</dt>
                  <dd>
                    <kbd>{line.keys}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
