import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  /** One sentence under the title; read out with it. */
  readonly description?: string | undefined;
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
  readonly foot?: ReactNode;
}

/** Modal, with the focus kept inside and given back at the end. Mounted while it is open. */
export function Dialog({ title, description, wide = false, onClose, children, foot }: DialogProps): ReactNode {
  /** Where the focus was before: Radix gives it back to a trigger of its own only. */
  const before = useRef<Element>(null);
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content
          className="dialog"
          data-width={wide ? 'wide' : 'usual'}
          onOpenAutoFocus={(event) => {
            // On what does no harm if Enter is pressed by mistake; else on the dialog, never on its close button.
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
            {/* Without a tooltip: it has the focus first, and Escape would close the tooltip instead of the dialog. */}
            <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
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
