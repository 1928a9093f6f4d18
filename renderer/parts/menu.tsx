import type { LucideIcon } from 'lucide-react';
import { ContextMenu as Context, DropdownMenu as Dropdown } from 'radix-ui';
import { Fragment, type ReactNode } from 'react';

/** One line of a menu; `keys` is only shown, nothing listens to it here. */
export interface MenuItem {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly keys?: string | undefined;
  readonly look?: 'usual' | 'danger';
  readonly disabled?: boolean;
  /** Set for items that can be checked. */
  readonly checked?: boolean;
  readonly run: () => void;
}
/** `undefined` between two items is a separator. */
export type MenuItems = readonly (MenuItem | undefined)[];

/** A menu below the control that is its child; `undefined` among the items is a separator. */
export function DropdownMenu({
  items,
  children,
}: {
  readonly items: MenuItems;
  readonly children: ReactNode;
}): ReactNode {
  const hasMarks = items.some((item) => item?.checked !== undefined);
  return (
    <Dropdown.Root>
      <Dropdown.Trigger asChild>{children}</Dropdown.Trigger>
      <Dropdown.Portal>
        <Dropdown.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {items.map((item, index) => (
            <Fragment key={item?.label ?? index}>
              {item === undefined ? (
                <Dropdown.Separator className="menu-line" />
              ) : item.checked === undefined ? (
                <Dropdown.Item
                  className="menu-item"
                  data-look={item.look}
                  disabled={item.disabled ?? false}
                  onSelect={item.run}
                >
                  <Inside item={item} hasMarks={hasMarks} />
                </Dropdown.Item>
              ) : (
                <Dropdown.CheckboxItem className="menu-item" checked={item.checked} onSelect={item.run}>
                  <Inside item={item} hasMarks={hasMarks} />
                </Dropdown.CheckboxItem>
              )}
            </Fragment>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}

interface ContextMenuProps {
  readonly items: () => MenuItems;
  readonly children: ReactNode;
}

/** Context menu, opened with the right button or the menu key. Its items are built when it opens. */
export function ContextMenu({ items, children }: ContextMenuProps): ReactNode {
  return (
    <Context.Root>
      <Context.Trigger asChild>{children}</Context.Trigger>
      <Context.Portal>
        <Context.Content className="menu" collisionPadding={8}>
          <ContextItems items={items} />
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}

function ContextItems({ items }: { readonly items: () => MenuItems }): ReactNode {
  return items().map((item, index) =>
    item === undefined ? (
      <Context.Separator key={index} className="menu-line" />
    ) : (
      <Context.Item
        key={item.label}
        className="menu-item"
        data-look={item.look}
        disabled={item.disabled ?? false}
        onSelect={item.run}
      >
        <Inside item={item} />
      </Context.Item>
    ),
  );
}

interface InsideProps {
  readonly item: MenuItem;
  /** Whether any item can be checked. If so, all items leave space for the check mark. */
  readonly hasMarks?: boolean;
}

function Inside({ item: { icon: Icon, label, keys, checked }, hasMarks = false }: InsideProps): ReactNode {
  return (
    <>
      {hasMarks ? (
        <span className="menu-mark" aria-hidden>
          {checked === true ? '✓' : ''}
        </span>
      ) : null}
      {Icon === undefined ? null : <Icon size={16} strokeWidth={1.75} aria-hidden />}
      <span className="grow">{label}</span>
      {keys === undefined ? null : <kbd>{keys}</kbd>}
    </>
  );
}
