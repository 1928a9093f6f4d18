import type { LucideIcon } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'usual' | 'main' | 'danger' | 'plain' | 'link';
  readonly size?: 'usual' | 'small';
  readonly icon?: LucideIcon | undefined;
}

/** A button with text and perhaps an icon; never submits a form unless told to. */
export function Button({ look = 'usual', size = 'usual', icon: Icon, children, ...rest }: ButtonProps): ReactNode {
  return (
    <button type="button" className="button" data-look={look} data-size={size} {...rest}>
      {Icon === undefined ? null : <Icon size={16} strokeWidth={1.75} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label' | 'title'> {
  /** The tooltip and accessible name. */
  readonly label: string;
  readonly keys?: string | undefined;
  readonly icon: LucideIcon;
  readonly size?: 'usual' | 'small';
  readonly pressed?: boolean | undefined;
}

/** A button with an icon only; its label is read out and shown as a tooltip, with the shortcut beside it. */
export function IconButton({ label, keys, icon: Icon, size = 'usual', pressed, ...rest }: IconButtonProps): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="icon-button"
          data-size={size}
          aria-label={label}
          {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
          {...rest}
        >
          <Icon size={16} strokeWidth={1.75} aria-hidden />
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={4} collisionPadding={8}>
          {label}
          {keys === undefined ? null : <kbd>{keys}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
