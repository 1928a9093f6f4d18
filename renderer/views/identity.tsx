import type { ReactNode } from 'react';
import type { IdentityCandidate, IdentityQuestion } from '../../shared/snapshots.ts';
import { Button } from '../parts/button.tsx';
import { run, useHost } from '../stores/host.ts';
import { identityWords } from '../view-models/identity.ts';
import { windowWords } from '../../shared/words/made/window.ts';

/** "Is this the phone …?", above everything else: until it is answered, nothing goes to a phone that does not say who it is. */
export function IdentityQuestions(): ReactNode {
  const questions = useHost((state) => state.devices?.questions) ?? [];
  return questions.map((question) => <One key={question.device} question={question} />);
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
