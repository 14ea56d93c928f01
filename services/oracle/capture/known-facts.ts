import type { FlowDefinition } from "../../model/custody/index.ts";

export interface KnownEvent {
  eventId: string;
  hash: string;
  isErrorDeclaration: boolean;
  journeyId: string | null;
  capturedBy: string;
  /** In the database already, not only in the batch at hand. */
  isStored?: boolean;
}

export interface KnownJourney {
  journeyId: string;
  flow: FlowDefinition;
  /** What was disclosed of it was erased on request: it takes no new events. */
  isErased?: boolean;
}

/**
 * What a capture is judged against: events, journeys and identifiers, as the database has them plus what was added
 * since. A fork sees its parent's facts, and adds to the parent only when merged: that is how a document rolls back.
 */
export class KnownFacts {
  readonly #parent: KnownFacts | null;
  readonly #byHash = new Map<string, KnownEvent>();
  readonly #byId = new Map<string, KnownEvent>();
  readonly #journeys = new Map<string, KnownJourney>();
  readonly #journeyOfIdentity = new Map<string, string>();
  readonly #journeysOfEpc = new Map<string, Set<string>>();

  constructor(parent: KnownFacts | null = null) {
    this.#parent = parent;
  }

  addEvent(event: KnownEvent): void {
    this.#byHash.set(hashKey(event.hash, event.isErrorDeclaration), event);
    if (!event.isErrorDeclaration) this.#byId.set(event.eventId, event);
  }

  /** Under the Chain of Identity by which it was asked for, or null when it was found otherwise. */
  addJourney(chainOfIdentity: string | null, journey: KnownJourney): void {
    this.#journeys.set(journey.journeyId, journey);
    if (chainOfIdentity !== null) this.#journeyOfIdentity.set(chainOfIdentity, journey.journeyId);
  }

  addEpc(epc: string, journeyId: string): void {
    const known = this.#journeysOfEpc.get(epc) ?? new Set();
    this.#journeysOfEpc.set(epc, known.add(journeyId));
  }

  eventByHash(hash: string, isErrorDeclaration: boolean): KnownEvent | undefined {
    return this.#byHash.get(hashKey(hash, isErrorDeclaration)) ?? this.#parent?.eventByHash(hash, isErrorDeclaration);
  }

  /** The event itself, not its error declaration. */
  eventById(eventId: string): KnownEvent | undefined {
    return this.#byId.get(eventId) ?? this.#parent?.eventById(eventId);
  }

  journey(journeyId: string): KnownJourney | undefined {
    return this.#journeys.get(journeyId) ?? this.#parent?.journey(journeyId);
  }

  journeyOfIdentity(chainOfIdentity: string): KnownJourney | undefined {
    const journeyId = this.#journeyOfIdentity.get(chainOfIdentity);
    return journeyId === undefined ? this.#parent?.journeyOfIdentity(chainOfIdentity) : this.journey(journeyId);
  }

  journeysOfEpc(epc: string): string[] {
    return [...new Set([...(this.#parent?.journeysOfEpc(epc) ?? []), ...(this.#journeysOfEpc.get(epc) ?? [])])];
  }

  /** Adds what a fork learned of events and identifiers. */
  merge(fork: KnownFacts): void {
    for (const event of fork.#byHash.values()) this.addEvent(event);
    for (const [epc, journeys] of fork.#journeysOfEpc) for (const journeyId of journeys) this.addEpc(epc, journeyId);
  }
}

function hashKey(hash: string, isErrorDeclaration: boolean): string {
  return `${hash}:${isErrorDeclaration}`;
}
