export interface WebhookSettings {
  /** Whether http and loopback or private addresses may be told: for development and closed networks only. */
  privateTargets: boolean;
  /** How long a receiver may take to answer. */
  timeoutMilliseconds: number;
  /** Wait after the first failure; doubled after each further one. */
  firstRetryMilliseconds: number;
  longestRetryMilliseconds: number;
  /** A webhook that failed without a break for this long is disabled; what waits stays. */
  disableAfterMilliseconds: number;
  /** How long the secret before a rotation still signs beside the new one. */
  secretOverlapMilliseconds: number;
  pollMilliseconds: number;
  /** Most webhooks of one participant. */
  perParticipant: number;
}

const HOUR = 3_600_000;

export const DEFAULT_WEBHOOK_SETTINGS: WebhookSettings = {
  privateTargets: false,
  timeoutMilliseconds: 10_000,
  firstRetryMilliseconds: 5_000,
  longestRetryMilliseconds: HOUR,
  disableAfterMilliseconds: 72 * HOUR,
  secretOverlapMilliseconds: 24 * HOUR,
  pollMilliseconds: 1_000,
  perParticipant: 20,
};

/** Wait before the next attempt, after so many failed ones: exponential and bounded. */
export function retryMilliseconds(settings: WebhookSettings, attempts: number): number {
  return Math.min(settings.longestRetryMilliseconds, settings.firstRetryMilliseconds * 2 ** Math.min(attempts - 1, 30));
}
