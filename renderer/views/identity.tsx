import type { ReactNode } from 'react';
import type { StorageKey } from '../../shared/domain.ts';
import type { IdentityCandidate, IdentityQuestion, StorageQuestion } from '../../shared/snapshots.ts';
import { Button } from '../parts/button.tsx';
import { run, useHost } from '../stores/host.ts';
import { identityWords, storageWords } from '../view-models/identity.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/**
 * "Is this the phone …?" and "Which of these is the storage …?", above everything else: until they are answered, nothing
 * goes to what does not say who it is.
 */
export function IdentityQuestions(): ReactNode {
  const phones = useHost((state) => state.devices?.questions) ?? [];
  const storages = useHost((state) => state.devices?.storageQuestions) ?? [];
  return (
    <>
      {phones.map((question) => (
        <One key={question.device} question={question} />
      ))}
      {storages.map((question) => (
        <OneStorage key={`${question.device}\n${question.storage}`} question={question} />
      ))}
    </>
  );
}

function OneStorage({ question }: { readonly question: StorageQuestion }): ReactNode {
  const { device, storage, candidates } = question;
  const { title, facts, candidates: names } = storageWords(question);
  const answer = (as: StorageKey | undefined): void => void run('identifyStorage', { device, storage, as });
  return (
    <section className="identity" role="region" aria-label={windowWords.identity.storageLabel}>
      <div className="identity-one">
        <div className="identity-words">
          <p>{title}</p>
          <p className="quiet">{facts}</p>
        </div>
        {candidates.map(({ key }, index) => (
          <Button key={key} size="small" onClick={() => answer(key)}>
            {names[index]}
          </Button>
        ))}
      </div>
      <Button size="small" look="plain" onClick={() => answer(undefined)}>
        {windowWords.identity.noStorage}
      </Button>
    </section>
  );
}

function One({ question }: { readonly question: IdentityQuestion }): ReactNode {
  const { device, candidates } = question;
  const answer = (as: IdentityCandidate | undefined): void => void run('identifyDevice', { device, as: as?.key });
  return (
    <section className="identity" role="region" aria-label={windowWords.identity.label}>
      {candidates.map((candidate) => {
        const { title, facts } = identityWords(question, candidate);
        return (
          <div key={candidate.key} className="identity-one">
            <div className="identity-words">
              <p>{title}</p>
              <p className="quiet">{facts}</p>
            </div>
            <Button size="small" onClick={() => answer(candidate)}>
              {windowWords.identity.yes}
            </Button>
          </div>
        );
      })}
      <Button size="small" look="plain" onClick={() => answer(undefined)}>
        {windowWords.identity.no}
      </Button>
    </section>
  );
}
