/** What a Berlinger logger computed itself, from samples finer than the rows it exports: an oracle nobody here wrote. */
export interface DeviceExtremes {
  minimumCelsius: number;
  maximumCelsius: number;
  averageCelsius: number;
}

/** A limit of a Q-tag that adds up all time beyond it. `minutes` and `at` are null where the alarm was never begun or given. */
export interface CumulativeAlarm {
  side: "below" | "above";
  limitCelsius: number;
  allowedMinutes: number;
  minutes: number | null;
  at: number | null;
}

export interface QTagReport extends DeviceExtremes {
  minimumAt: number;
  maximumAt: number;
  alarms: CumulativeAlarm[];
}

export interface FridgeTagDay extends DeviceExtremes {
  date: string;
  minutesBelow: number;
  minutesAbove: number;
}

export interface FridgeTagReport {
  lowLimitCelsius: number;
  highLimitCelsius: number;
  days: FridgeTagDay[];
}

const CUMULATIVE_BELOW = 3;
const CUMULATIVE_ABOVE = 4;

export function qTagReport(export_: string): QTagReport {
  const [configuration, result] = sections(export_, "Conf:", "Res:", "Marker:");
  const alarms = [...configuration.matchAll(/^ {2}(\d+):\n {3}Type: (\d+), T AL: (\S+), t AL: (\d+)$/gm)].flatMap(([, slot, type, limit, allowed]): CumulativeAlarm[] => {
    if (Number(type) !== CUMULATIVE_BELOW && Number(type) !== CUMULATIVE_ABOVE) return [];
    const [, minutes, at] = new RegExp(`^ {2}${slot}:\\n {3}TS S: .*?t A: (\\d+), TS A: (\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d)`, "m").exec(result) ?? [];
    return [
      {
        side: Number(type) === CUMULATIVE_BELOW ? "below" : "above",
        limitCelsius: Number(limit),
        allowedMinutes: Number(allowed),
        minutes: minutes === undefined ? null : Number(minutes),
        at: at === undefined ? null : seconds(at),
      },
    ];
  });
  return {
    ...extremes(result),
    minimumAt: seconds(field(result, "TS Min T")),
    maximumAt: seconds(field(result, "TS Max T")),
    alarms,
  };
}

export function fridgeTagReport(export_: string): FridgeTagReport {
  const [configuration, history] = sections(export_, "Conf:", "Hist:", "Data:");
  const [low, high] = [...configuration.matchAll(/T AL: ([-+.\d]+)/g)].map(([, limit]) => Number(limit));
  if (low === undefined || high === undefined) throw new Error("the export states no two alarm limits");
  const days = history.split(/^ \d+:$/m).slice(1).map((day): FridgeTagDay => {
    const [minutesBelow, minutesAbove] = [...day.matchAll(/t Acc: (\d+)/g)].map(([, minutes]) => Number(minutes));
    if (minutesBelow === undefined || minutesAbove === undefined) throw new Error(`a day without alarm minutes: ${day}`);
    return { ...extremes(day), date: field(day, "Date"), minutesBelow, minutesAbove };
  });
  return { lowLimitCelsius: low, highLimitCelsius: high, days };
}

function extremes(text: string): DeviceExtremes {
  const number = (name: string) => Number(field(text, name));
  return { minimumCelsius: number("Min T"), maximumCelsius: number("Max T"), averageCelsius: number("Avrg T") };
}

function field(text: string, name: string): string {
  const value = new RegExp(`(?:^|, )\\s*${name}: ([^,\\n]+)`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`the export has no ${name}`);
  return value;
}

function sections(export_: string, first: string, second: string, end: string): [string, string] {
  const text = export_.replaceAll("\r", "");
  const places = [first, second, end].map((heading) => text.indexOf(`\n${heading}\n`));
  if (places.some((place) => place < 0)) throw new Error(`the export has not the sections ${first} ${second} ${end}`);
  return [text.slice(places[0], places[1]), text.slice(places[1], places[2])];
}

function seconds(minute: string): number {
  return Date.parse(`${minute.replace(" ", "T")}:00Z`) / 1000;
}
