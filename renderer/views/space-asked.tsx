import { useEffect, useState, type ReactNode } from 'react';
import type { CommandArgument, CommandName, CommandReply } from '../../shared/contract.ts';
import { describeProblem, type Problem } from '../../shared/errors.ts';
import { bridge } from '../bridge/current.ts';
import { useCatalogue } from '../stores/catalogue.ts';

/** Why something could not be told. */
export function Trouble({ problem }: { readonly problem: Problem }): ReactNode {
  const { what, remedy } = describeProblem(problem);
  return (
    <p className="space-trouble" role="alert">
      {what} {remedy}
    </p>
  );
}

/** What is asked of the catalogue is asked again when it has changed, but not more often than this. */
const AGAIN_MS = 1000;

/** The reply to a question to the catalogue, kept up to date; `key` identifies the argument. */
export function useAsked<N extends CommandName>(
  name: N,
  argument: CommandArgument<N>,
  key: string,
): readonly [CommandReply<N> | undefined, Problem | undefined] {
  const [told, setTold] = useState<{ readonly key: string; readonly reply: CommandReply<N> }>();
  const [problem, setProblem] = useState<Problem>();
  const revision = useCatalogue((state) => state.revision);
  useEffect(() => {
    let current = true;
    const ask = (): void =>
      void bridge.command(name, argument).then((reply) => {
        if (!current) return;
        if (reply.ok) setTold({ key, reply: reply.value });
        setProblem(reply.ok ? undefined : reply.error);
      });
    if (told?.key !== key) {
      ask();
      return () => {
        current = false;
      };
    }
    const later = setTimeout(ask, AGAIN_MS);
    return () => {
      current = false;
      clearTimeout(later);
    };
    // `key` identifies the argument
  }, [name, key, revision]);
  return [told?.key === key ? told.reply : undefined, problem];
}
