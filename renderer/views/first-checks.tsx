import { Check, Copy, RotateCw, Unlock } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState, type FocusEvent, type ReactNode, type RefObject } from 'react';
import type { FirstCheck } from '../../shared/domain.ts';
import { describeAdvice } from '../../shared/errors.ts';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';
import { bridge } from '../bridge/current.ts';
import { Button } from '../parts/button.tsx';
import { run } from '../stores/host.ts';
import { say } from '../stores/notices.ts';

type Of<Kind extends FirstCheck['kind']> = Extract<FirstCheck, { readonly kind: Kind }>;

/** Nothing where the host cannot say. */
const ask = async (): Promise<readonly FirstCheck[]> => {
  const reply = await bridge.command('firstChecks', undefined);
  return reply.ok ? reply.value.found : [];
};

/**
 * What on this computer would keep a phone from being opened, with a button each; nothing where nothing is wrong. Looks
 * again whenever the window gets the focus: what is to be done is done outside of it.
 */
export function FirstChecks(): ReactNode {
  const [found, setFound] = useState<readonly FirstCheck[]>([]);
  useEffect(() => {
    const look = (): void => void ask().then(setFound);
    look();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);
  const list = useRef<HTMLUListElement>(null);
  const focus = useFocusOfTheGone(list, found);
  if (found.length === 0) return null;
  return (
    <ul className="lesson-checks" aria-label={windowWords.lesson.firstChecks} ref={list} {...focus}>
      {found.map((check) =>
        check.kind === 'no-rule' ? (
          <NoRule key="no-rule" check={check} />
        ) : (
          <TakesPhones
            key={check.program}
            check={check}
            onLooked={setFound}
            // a program that was told to quit takes a moment, and looking at once would still find it
            onTold={() => setFound((before) => before.filter((one) => one !== check))}
          />
        ),
      )}
    </ul>
  );
}

/** Gives the focus of an entry that goes away to the next one, or to what follows the list, and not to the page. */
function useFocusOfTheGone(list: RefObject<HTMLUListElement | null>, found: readonly FirstCheck[]) {
  const had = useRef<{ readonly element: Element; readonly at: number; readonly lesson: Element | null }>(undefined);
  useLayoutEffect(() => {
    if (had.current === undefined || had.current.element.isConnected) return;
    const { at, lesson } = had.current;
    had.current = undefined;
    const entries = list.current?.children ?? [];
    const next = entries[Math.min(at, entries.length - 1)] ?? lesson;
    next?.querySelector<HTMLElement>('button:not(:disabled)')?.focus();
  }, [list, found]);
  return {
    onFocus: ({ target }: FocusEvent<HTMLUListElement>) => {
      const entry = target.closest('li');
      if (entry === null) return;
      const at = [...(list.current?.children ?? [])].indexOf(entry);
      had.current = { element: target, at, lesson: target.closest('.lesson') };
    },
    // React tells nothing of the focus of an element that it takes away
    onBlur: () => (had.current = undefined),
  };
}

function NoRule({ check: { advice } }: { readonly check: Of<'no-rule'> }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <li>
      <p>{commonWords.firstCheck.noRule}</p>
      <pre className="lesson-fix selectable" tabIndex={0} dir="auto" aria-label={windowWords.lesson.fixLabel}>
        {describeAdvice(advice)}
      </pre>
      <Button
        icon={copied ? Check : Copy}
        onClick={() =>
          void navigator.clipboard.writeText(advice.with.rule).then(
            () => setCopied(true),
            () => say(windowWords.lesson.copyFailed),
          )
        }
      >
        {copied ? windowWords.act.copied : windowWords.lesson.copyRule}
      </Button>
    </li>
  );
}

interface TakesPhonesProps {
  readonly check: Of<'takes-phones'>;
  readonly onLooked: (found: readonly FirstCheck[]) => void;
  readonly onTold: () => void;
}

function TakesPhones({ check: { program, releasable }, onLooked, onTold }: TakesPhonesProps): ReactNode {
  const quit = async (): Promise<void> => {
    const reply = await run('quitProgram', { program });
    if (!reply.ok) return;
    if (reply.value.told) {
      onTold();
      return;
    }
    const now = await ask();
    onLooked(now);
    const isThere = now.some((one) => one.kind === 'takes-phones' && one.program === program);
    if (isThere) say(windowWords.lesson.notQuit({ program }));
  };
  return (
    <li>
      <p>
        {commonWords.firstCheck.takesPhones({ program })} {commonWords.firstCheck.quitIt}
      </p>
      {releasable ? (
        <Button icon={Unlock} onClick={() => void quit()}>
          {windowWords.lesson.release}
        </Button>
      ) : (
        <Button icon={RotateCw} onClick={() => void ask().then(onLooked)}>
          {windowWords.lesson.checkAgain}
        </Button>
      )}
    </li>
  );
}
