import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';

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
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content
          className="dialog"
          data-width={wide ? 'wide' : 'usual'}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className="dialog-head">
            <Radix.Title>{title}</Radix.Title>
            <IconButton label="Close" icon={X} onClick={onClose} />
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
