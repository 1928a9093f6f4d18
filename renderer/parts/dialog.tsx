import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { windowWords } from '../../shared/words/made/window.ts';

interface DialogProps {
  readonly title: string;
  /** One sentence below the title, announced together with it. */
  readonly description?: string | undefined;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  readonly foot?: ReactNode;
}

/** A modal dialog that traps the focus and restores it when it closes. Mounted only while open. */
export function Dialog({ title, description, wide = false, onClose, children, foot }: DialogProps): ReactNode {
  /** Element that had the focus before. Radix restores it only for triggers of its own. */
  const before = useRef<Element>(null);
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content
          className="dialog"
          data-width={wide ? 'wide' : 'usual'}
          onOpenAutoFocus={(event) => {
            // Focus something that does no harm if Enter is pressed by mistake, otherwise the dialog itself. Never
            // the close button.
            event.preventDefault();
            before.current = document.activeElement;
            const content = event.currentTarget as HTMLElement;
            (content.querySelector<HTMLElement>('[data-first]') ?? content).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className="dialog-head">
            <Radix.Title>{title}</Radix.Title>
            {/* No tooltip: the button may have the focus first, and Escape would then close the tooltip, not the dialog. */}
            <button type="button" className="icon-button" aria-label={windowWords.act.close} onClick={onClose}>
              <X size={16} strokeWidth={1.75} aria-hidden />
            </button>
          </header>
          <div className="dialog-body" tabIndex={-1}>
            {description === undefined ? null : <Radix.Description className="quiet">{description}</Radix.Description>}
            {children}
          </div>
          {foot === undefined ? null : <footer className="dialog-foot">{foot}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
