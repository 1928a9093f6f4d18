import { useEffect, useRef, useState, type ReactNode } from 'react';
import { stemLength } from '../view-models/entry-kind.ts';
import { nameComplaint } from '../view-models/names.ts';

interface NameEditorProps {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Accessible name. */
  readonly label: string;
  /** Whether the folder has something of this name. */
  readonly taken: (name: string) => boolean;
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

/** Edits a name in place. Shows at once what the phone would refuse; keeping the old name is always allowed. */
export function NameEditor({ name, kind, label, taken, onDone, onCancel }: NameEditorProps): ReactNode {
  const [value, setValue] = useState(name);
  const [shown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  /** A person is going elsewhere, by a click or Tab: then the field losing the focus ends the naming. */
  const leaving = useRef(false);
  const complaint = nameComplaint(value, (wanted) => wanted !== name && taken(wanted));

  useEffect(() => {
    const input = field.current;
    input?.focus();
    // The selection leaves out the extension.
    input?.setSelectionRange(0, stemLength({ name, kind }));
  }, [name, kind]);

  useEffect(() => {
    const pressed = (event: PointerEvent): void => {
      leaving.current = event.target !== field.current;
    };
    document.addEventListener('pointerdown', pressed, true);
    return () => document.removeEventListener('pointerdown', pressed, true);
  }, []);

  /** A menu that closes takes the focus back to where it was; another window in front, or a dialog, returns it by itself. */
  const onBlur = (): void => {
    if (leaving.current) finish(complaint === undefined ? 'keep' : 'drop');
    else if (document.hasFocus())
      requestAnimationFrame(() => {
        if (document.querySelector('[role=dialog], [role=menu]') === null) field.current?.focus();
      });
  };

  const finish = (how: 'keep' | 'drop'): void => {
    if (over.current) return;
    if (how === 'keep' && complaint !== undefined) {
      setShown(true);
      return;
    }
    over.current = true;
    if (how === 'keep') onDone(value.trim());
    else onCancel();
  };

  return (
    <span className="name-editor">
      <input
        ref={field}
        value={value}
        aria-label={label}
        aria-invalid={shown && complaint !== undefined}
        spellCheck={false}
        onChange={(event) => {
          setValue(event.target.value);
          setShown(true);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Tab') leaving.current = true;
          if (event.key === 'Enter') finish('keep');
          if (event.key === 'Escape') finish('drop');
        }}
        onPointerDown={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        onBlur={onBlur}
      />
      {shown && complaint !== undefined ? <span role="alert">{complaint}</span> : null}
    </span>
  );
}
