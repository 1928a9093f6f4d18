import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button, IconButton } from '../parts/button.tsx';
import { Details } from '../parts/details.tsx';
import { useNotices, type Notice } from '../stores/notices.ts';
import './notices.css';
import { windowWords } from '../../shared/words/made/window.ts';

/** Long enough to read twice. Problems stay until they are closed. */
const PLAIN_MS = 6000;

/** The notices, read out politely by screen readers. */
export function Notices(): ReactNode {
  const notices = useNotices((state) => state.notices);
  return (
    <section className="notices" aria-label={windowWords.notice.label} role="region">
      <div role="status" aria-live="polite">
        {notices.map((notice) => (
          <One key={notice.id} notice={notice} />
        ))}
      </div>
    </section>
  );
}

function One({ notice }: { readonly notice: Notice }): ReactNode {
  const close = useNotices((state) => state.close);
  const box = useRef<HTMLDivElement>(null);
  const { id, tone } = notice;
  useEffect(() => {
    if (tone === 'bad') return;
    const timer = setInterval(() => {
      // Stays open while the pointer is over it or its button has the focus.
      if (box.current?.matches(':hover, :focus-within') !== true) close(id);
    }, PLAIN_MS);
    return () => clearInterval(timer);
  }, [id, tone, close]);
  return (
    <div className="notice" data-tone={tone} ref={box}>
      <div className="notice-words">
        <p>{notice.what}</p>
        {notice.remedy === undefined ? null : <p className="quiet">{notice.remedy}</p>}
        {notice.detail === undefined || notice.detail === '' ? null : <Details text={notice.detail} />}
      </div>
      {notice.action === undefined ? null : (
        <Button
          size="small"
          look="link"
          onClick={() => {
            notice.action?.run();
            close(id);
          }}
        >
          {notice.action.label}
        </Button>
      )}
      <IconButton label={windowWords.notice.close} icon={X} size="small" onClick={() => close(id)} />
    </div>
  );
}
