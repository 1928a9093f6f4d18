import { Check, Copy, MonitorSmartphone, Plug, RotateCw, Unlock } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { Device } from '../../shared/domain.ts';
import { describeAdvice, describeProblem } from '../../shared/errors.ts';
import {
  ConnectingDrawing,
  EngineLostDrawing,
  ForbiddenDrawing,
  HeldDrawing,
  SeveralDrawing,
  SilentDrawing,
  TwoTapsDrawing,
  UnpluggedDrawing,
} from '../drawings/drawings.tsx';
import { Button } from '../parts/button.tsx';
import { tryVirtual } from '../stores/actions.ts';
import { run, useHost } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import type { Lesson as LessonModel } from '../view-models/devices.ts';
import { nextTryWords, waitingHere } from '../view-models/teach.ts';
import { FirstChecks } from './first-checks.tsx';
import { showDevice } from './shown-device.ts';
import './lesson.css';
import { commonWords } from '../../shared/words/made/common.ts';
import { windowWords } from '../../shared/words/made/window.ts';

interface FrameProps {
  readonly drawing: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

function Frame({ drawing, title, children, actions }: FrameProps): ReactNode {
  return (
    <div className="lesson">
      <div className="lesson-inside">
        {drawing}
        <h2>{title}</h2>
        {children}
        {actions === undefined ? null : <div className="lesson-actions">{actions}</div>}
      </div>
    </div>
  );
}

/** Shown in place of a folder when there is none: a drawing, one sentence, and what to do. */
export function Lesson({ lesson }: { readonly lesson: LessonModel }): ReactNode {
  switch (lesson.kind) {
    case 'no-phone':
      return <NoPhone canTryVirtual={lesson.canTryVirtual} />;
    case 'choose':
      return (
        <Frame
          drawing={<SeveralDrawing />}
          title={windowWords.lesson.chooseTitle}
          actions={lesson.devices.map((device) => (
            <Button key={device.key} onClick={() => showDevice(device)}>
              {device.name}
            </Button>
          ))}
        >
          <p>{windowWords.lesson.choose}</p>
        </Frame>
      );
    case 'opening':
      return (
        <Frame drawing={<ConnectingDrawing />} title={windowWords.lesson.openingTitle({ device: lesson.device.name })}>
          <p>{windowWords.lesson.opening}</p>
        </Frame>
      );
    case 'locked':
      return (
        <Frame
          drawing={<TwoTapsDrawing />}
          title={windowWords.lesson.lockedTitle({ device: lesson.device.name })}
          actions={<LookAgain device={lesson.device} />}
        >
          <p>{windowWords.lesson.locked}</p>
          <p className="quiet">{commonWords.protectedPhone}</p>
        </Frame>
      );
    case 'held':
      return <Held device={lesson.device} />;
    case 'forbidden':
      return <Forbidden device={lesson.device} />;
    case 'recovering':
      return <Recovering device={lesson.device} />;
    case 'gone':
      return <Gone device={lesson.device} />;
  }
}

function TryVirtual(): ReactNode {
  const [starting, setStarting] = useState(false);
  return (
    <Button
      icon={MonitorSmartphone}
      disabled={starting}
      onClick={() => {
        setStarting(true);
        void tryVirtual().finally(() => setStarting(false));
      }}
    >
      {windowWords.lesson.tryVirtual}
    </Button>
  );
}

function NoPhone({ canTryVirtual }: { readonly canTryVirtual: boolean }): ReactNode {
  return (
    <Frame
      drawing={<UnpluggedDrawing />}
      title={windowWords.lesson.connectTitle}
      actions={canTryVirtual ? <TryVirtual /> : undefined}
    >
      <p>{windowWords.lesson.connect}</p>
      <p className="quiet">{commonWords.protectedPhone}</p>
      <FirstChecks />
    </Frame>
  );
}

function LookAgain({ device, label }: { readonly device: Device; readonly label?: string }): ReactNode {
  return (
    <Button icon={RotateCw} onClick={() => void run('retryDevice', { device: device.key })}>
      {label ?? windowWords.lesson.checkAgain}
    </Button>
  );
}

function Held({ device }: { readonly device: Device }): ReactNode {
  const state = device.state.kind === 'held' ? device.state : undefined;
  const holder = state?.holder;
  const shared = state?.fault === undefined ? undefined : describeProblem({ operation: '', detail: '', ...state });
  const name = holder?.program ?? windowWords.lesson.anotherProgram;
  return (
    <Frame
      drawing={<HeldDrawing />}
      title={windowWords.lesson.heldTitle({ program: name, device: device.name })}
      actions={
        <>
          {holder?.releasable === true ? (
            <Button
              look="main"
              icon={Unlock}
              onClick={() =>
                void run('releaseDevice', { device: device.key }).then((reply) => {
                  if (reply.ok && !reply.value.released) say(windowWords.lesson.notReleased({ program: name }));
                })
              }
            >
              {windowWords.lesson.release}
            </Button>
          ) : null}
          <LookAgain device={device} />
        </>
      }
    >
      <p>
        {shared !== undefined ? (
          <>
            {shared.what} {shared.remedy}
          </>
        ) : holder?.releasable === true ? (
          windowWords.lesson.heldAsk
        ) : (
          windowWords.lesson.heldClose
        )}
        {holder?.pid === undefined ? null : (
          <span className="quiet"> {windowWords.lesson.heldProcess({ pid: String(holder.pid) })}</span>
        )}
      </p>
    </Frame>
  );
}

function Forbidden({ device }: { readonly device: Device }): ReactNode {
  const advice = device.state.kind === 'forbidden' ? device.state.advice : undefined;
  const fix = advice === undefined ? undefined : describeAdvice(advice);
  const [copied, setCopied] = useState(false);
  return (
    <Frame
      drawing={<ForbiddenDrawing />}
      title={windowWords.lesson.forbiddenTitle({ device: device.name })}
      actions={
        <>
          {fix === undefined ? null : (
            <Button
              look="main"
              icon={copied ? Check : Copy}
              onClick={() =>
                void navigator.clipboard.writeText(fix).then(
                  () => setCopied(true),
                  () => say(windowWords.lesson.copyFailed),
                )
              }
            >
              {copied ? windowWords.act.copied : windowWords.act.copy}
            </Button>
          )}
          <LookAgain device={device} />
        </>
      }
    >
      <p>{fix === undefined ? windowWords.lesson.forbidden : windowWords.lesson.forbiddenFix}</p>
      {fix === undefined ? null : (
        <pre className="lesson-fix selectable" tabIndex={0} dir="auto" aria-label={windowWords.lesson.fixLabel}>
          {fix}
        </pre>
      )}
    </Frame>
  );
}

function Recovering({ device }: { readonly device: Device }): ReactNode {
  const state = device.state.kind === 'recovering' ? device.state : undefined;
  const now = useNow(1000);
  return (
    <Frame
      drawing={<SilentDrawing />}
      title={windowWords.lesson.silentTitle({ device: device.name })}
      actions={
        <>
          <LookAgain device={device} label={windowWords.lesson.tryNow} />
          {state?.nextTryAt === undefined ? null : (
            <Button onClick={() => void run('restDevice', { device: device.key })}>
              {windowWords.lesson.stopTrying}
            </Button>
          )}
        </>
      }
    >
      <p>
        {nextTryWords(state?.nextTryAt, now)} {windowWords.lesson.silent}
      </p>
      {state === undefined ? null : <p className="quiet lesson-step">{windowWords.lesson.step[state.step]}</p>}
    </Frame>
  );
}

function Gone({ device }: { readonly device: Device }): ReactNode {
  const waiting = useHost((state) => waitingHere(state.transfers.transfers, device.key));
  return (
    <Frame
      drawing={<UnpluggedDrawing />}
      title={windowWords.lesson.goneTitle({ device: device.name })}
      actions={
        device.virtual ? (
          <Button
            look="main"
            icon={Plug}
            onClick={() => void run('plugVirtual', { device: device.key, plugged: true })}
          >
            {windowWords.act.plugIn}
          </Button>
        ) : undefined
      }
    >
      <p>{waiting}</p>
    </Frame>
  );
}

/** Shown in place of the folder while the host does not answer. */
export function EngineLost(): ReactNode {
  return (
    <Frame drawing={<EngineLostDrawing />} title={windowWords.lost.title}>
      <p>{windowWords.lost.text}</p>
    </Frame>
  );
}

function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
