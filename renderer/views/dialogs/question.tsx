import { ArrowRight } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { joinPhonePath, parentOf, phonePath, type PhonePlace, type TransferId } from '../../../shared/domain.ts';
import type {
  AnswerChoice,
  ConflictSide,
  ItemView,
  Question,
  QuestionId,
  TransferView,
} from '../../../shared/snapshots.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { run, useHost } from '../../stores/host.ts';
import { closeDialog } from '../../stores/window.ts';
import { compareSides } from '../../view-models/question.ts';
import { bytes, dateAndTime } from '../../view-models/words.ts';
import { LocalPicture, Thumbnail } from '../pictures.tsx';
import { windowWords } from '../../../shared/words/made/window.ts';

/**
 * Shows the conflicts of one transfer, one at a time. Closing the dialog decides nothing; the other files continue
 * meanwhile.
 */
export function QuestionDialog({ transfer: id }: { readonly transfer: TransferId }): ReactNode {
  const transfer = useHost((state) => state.transfers.transfers.find((one) => one.id === id));
  const [all, setAll] = useState(false);
  const [answered, setAnswered] = useState<ReadonlySet<QuestionId>>(new Set());
  const open = (transfer?.questions ?? []).filter(
    ({ question }) => question !== undefined && !answered.has(question.id),
  );
  const item = open[0];
  const over = transfer === undefined || (transfer.questions.length === 0 && transfer.counts.asking === 0);
  useEffect(() => {
    if (over) closeDialog();
  }, [over]);
  if (transfer === undefined || item?.question === undefined) return null;
  const { question } = item;

  const answer = (choice: AnswerChoice): void => {
    setAnswered(new Set(answered).add(question.id));
    void run('answer', { transfer: id, item: item.id, question: question.id, choice, applyToAll: all }).then(
      (reply) => {
        // The answer was refused: ask again.
        if (!reply.ok) setAnswered((now) => new Set([...now].filter((one) => one !== question.id)));
      },
    );
    if (all || (open.length === 1 && transfer.counts.asking <= 1)) closeDialog();
  };
  return (
    <Asked
      key={question.id}
      transfer={transfer}
      item={item}
      question={question}
      all={all}
      setAll={setAll}
      answer={answer}
    />
  );
}

interface AskedProps {
  readonly transfer: TransferView;
  readonly item: ItemView;
  readonly question: Question;
  readonly all: boolean;
  readonly setAll: (all: boolean) => void;
  readonly answer: (choice: AnswerChoice) => void;
}

function Asked({ transfer, item, question, all, setAll, answer }: AskedProps): ReactNode {
  const more = transfer.counts.asking - 1;
  const applyToAll = (
    <label className="check grow">
      <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
      {more > 0 ? windowWords.question.sameForOthers({ count: more }) : windowWords.question.sameForAll}
    </label>
  );
  switch (question.kind) {
    case 'conflict': {
      const { name } = question.existing;
      const words = compareSides(question.source, question.existing);
      return (
        <Dialog
          wide
          title={
            transfer.direction === 'upload'
              ? windowWords.question.onPhone({ name })
              : windowWords.question.onComputer({ name })
          }
          description={question.existingIsFolder ? windowWords.question.folder : windowWords.question.file}
          onClose={closeDialog}
          foot={
            <>
              {applyToAll}
              <Button onClick={() => answer('skip')}>{windowWords.act.skip}</Button>
              <Button data-first onClick={() => answer('keep-both')}>
                {windowWords.act.keepBoth}
              </Button>
              {question.existingIsFolder ? null : (
                <Button look="main" onClick={() => answer('replace')}>
                  {windowWords.act.replace}
                </Button>
              )}
            </>
          }
        >
          <div className="conflict">
            <Side
              title={windowWords.question.new}
              side={question.source}
              kind={item.kind}
              item={item}
              notes={words.source}
              place={transfer.direction === 'download' ? placeOf(transfer, item) : undefined}
            />
            <ArrowRight size={20} strokeWidth={1.5} aria-hidden />
            <Side
              title={windowWords.question.there[transfer.direction]}
              side={question.existing}
              kind={question.existingIsFolder ? 'folder' : 'file'}
              item={item}
              notes={words.existing}
              place={transfer.direction === 'upload' ? placeOf(transfer, item, question.existing.name) : undefined}
            />
          </div>
        </Dialog>
      );
    }
    case 'name':
      return (
        <Dialog
          title={windowWords.question.nameTitle[transfer.direction]}
          description={windowWords.question.nameText}
          onClose={closeDialog}
          foot={
            <>
              {applyToAll}
              <Button onClick={() => answer('skip')}>{windowWords.act.skip}</Button>
              <Button look="main" data-first onClick={() => answer('use-legal-name')}>
                {windowWords.question.useName}
              </Button>
            </>
          }
        >
          <dl className="names">
            <div>
              <dt>{windowWords.question.itsName}</dt>
              <dd className="selectable" dir="auto">
                {question.name}
              </dd>
            </div>
            <div>
              <dt>{windowWords.question.savedAs}</dt>
              <dd className="selectable" dir="auto">
                {question.legal}
              </dd>
            </div>
          </dl>
        </Dialog>
      );
  }
}

const placeOf = (transfer: TransferView, item: ItemView, name?: string): PhonePlace => {
  const path = phonePath(item.phone);
  return {
    device: transfer.device,
    storage: transfer.storage,
    path: name === undefined ? path : joinPhonePath(parentOf(path), name),
  };
};

interface SideProps {
  readonly title: string;
  readonly side: ConflictSide;
  readonly kind: 'file' | 'folder';
  readonly notes: readonly string[];
  readonly item: ItemView;
  /** Where the phone's file is; the other one is on this computer. */
  readonly place: PhonePlace | undefined;
}

function Side({ title, side, kind, item, notes, place }: SideProps): ReactNode {
  const entry = { name: side.name, kind };
  return (
    <section className="conflict-side">
      <h3>{title}</h3>
      {place === undefined ? <LocalPicture item={item} entry={entry} /> : <Thumbnail place={place} entry={entry} />}
      <p className="conflict-name" dir="auto" title={side.name}>
        {side.name}
      </p>
      <p className="number">{kind === 'folder' ? windowWords.kind.folder : bytes(side.size)}</p>
      <p className="number quiet">{dateAndTime(side.modified)}</p>
      <p className="conflict-notes">{notes.join(' · ')}</p>
    </section>
  );
}
