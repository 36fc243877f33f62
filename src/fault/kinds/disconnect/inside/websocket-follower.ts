/**
 * Follows a WebSocket. A turn is what the target sends up to the event that ends an answer; the next
 * message begins another turn.
 */
import { WebSocketScanner } from '../../../../wire/websocket-scanner.ts';
import { watchFor, type Follower, type FollowHost } from './follower.ts';
import type { ResponseWatch } from './response-watch.ts';

export interface WebSocketFollowHost extends FollowHost {
  /** Behind a frame from the client: here another may be put in. */
  onUpBoundary(offset: number): void;
}

export class WebSocketFollower implements Follower {
  readonly protocol = 'websocket';
  private readonly host: WebSocketFollowHost;
  private readonly upFrames: WebSocketScanner;
  private readonly downFrames: WebSocketScanner;
  private turns = 0;
  private inTurn = false;
  private endsTurn = false;
  private watch: ResponseWatch | undefined;
  /** The connection's moment has come; it ends behind the frame that is under way. */
  private ending = false;

  constructor(host: WebSocketFollowHost, up: number, down: number) {
    const none = (): void => {};
    this.host = host;
    this.upFrames = new WebSocketScanner(
      {
        onFrameStart: none,
        onMessageText: none,
        onMessageEnd: none,
        onInsideCharacter: none,
        onFrameEnd: (offset) => host.onUpBoundary(offset),
      },
      up,
    );
    this.downFrames = new WebSocketScanner(
      {
        onFrameStart: (offset) => {
          if (!this.inTurn) this.watch = watchFor(host, `turn ${this.turns++}`);
          this.inTurn = true;
          this.watch?.eventBegins(offset);
        },
        onMessageText: (text) => {
          const kind = host.eventKind(text, '');
          this.endsTurn = kind.terminal;
          this.watch?.eventKnown(kind);
        },
        onMessageEnd: (offset) => {
          this.watch?.eventEnds(offset);
          if (!this.endsTurn) return;
          this.watch?.over();
          this.watch = undefined;
          this.inTurn = false;
        },
        onInsideCharacter: (offset) => this.watch?.insideCharacter(offset),
        onFrameEnd: (offset, inMessage) => {
          // A ping, say, is not an event.
          if (!inMessage) this.watch?.nothingBegan();
          if (this.ending) host.reached(offset);
        },
      },
      down,
    );
  }

  get safe(): number {
    return this.watch?.holdFrom ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a frame may be put in between those that have come from the client. */
  get upBetween(): boolean {
    return this.upFrames.betweenFrames;
  }

  connectionMoment(offset: number): void {
    this.ending = true;
    if (this.downFrames.betweenFrames) this.host.reached(offset);
  }

  up(bytes: Uint8Array): void {
    this.upFrames.feed(bytes);
  }

  down(bytes: Uint8Array): void {
    this.downFrames.feed(bytes);
  }
}
