/**
 * What is known of a patient where an identifier is made. It is looked at to refuse an identifier that could be read
 * back to the patient, and goes nowhere else: no function here stores, hashes or returns it.
 */
export interface PersonalData {
  givenNames?: readonly string[];
  familyNames?: readonly string[];
  /** ISO 8601 calendar date, `1985-01-23`. */
  birthDate?: string;
  /** Medical record, insurance and social security numbers. */
  recordNumbers?: readonly string[];
}

/** Shortest run of letters of a name, or of characters of a record number, that counts as a part of it. */
const SHORTEST_PART = 3;
const SHORTEST_RECORD_PART = 4;

/** Upper-case letters and digits alone; accents are taken off, as a label printer would. */
function plain(text: string): string {
  return text.normalize("NFD").toUpperCase().replace(/ß|ẞ/g, "SS").replace(/[^0-9A-Z]/g, "");
}

function isDay(month: string, day: string): boolean {
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
}

/**
 * Whether six characters read as a calendar date written yymmdd, ddmmyy or mmddyy. Such a sequence is never issued,
 * since whoever sees it may take it for a date of birth.
 */
export function readsAsDate(sequence: string): boolean {
  if (!/^\d{6}$/.test(sequence)) return false;
  const [first, second, third] = [sequence.slice(0, 2), sequence.slice(2, 4), sequence.slice(4)];
  return isDay(second, third) || isDay(second, first) || isDay(first, second);
}

function windows(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, start) => text.slice(start, start + length));
}

/** Ways to write a date of birth in six characters or four: year, month and day, year and month, day and month, year. */
function birthDateForms(birthDate: string): string[] {
  const [, year = "", month = "", day = ""] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate) ?? [];
  if (year === "") return [];
  const forms = [`${year}${month}${day}`, `${day}${month}${year}`, `${month}${day}${year}`, `${year}${day}${month}`];
  const short = [year, year.slice(2)].flatMap((y) => [y + month + day, day + month + y, month + day + y]);
  return [...forms.flatMap((form) => windows(form, 6)), ...short.filter((form) => form.length === 6), year, day + month, month + day];
}

/** Initials as they are abbreviated: given before family, family before given, and all given names before the family. */
function initials(personal: PersonalData): string[] {
  const letters = (names: readonly string[] = []) =>
    names.flatMap((name) => name.split(/[\s-]+/)).map((part) => plain(part).slice(0, 1)).filter((letter) => letter !== "");
  const given = letters(personal.givenNames);
  const family = letters(personal.familyNames);
  const pairs = given.flatMap((one) => family.flatMap((other) => [one + other, other + one]));
  return [...new Set([...pairs, [...given, ...family].join("")])].filter((text) => text.length >= 2);
}

/**
 * Why a sequence may not be used for this patient, or null: it holds a part of a name, the initials, the date of birth
 * in any usual writing, or a part of a record number (21 CFR 1271.290(c): an identification code must not include a
 * name, social security number or medical record number). The reason never repeats the personal data.
 */
export function personalDataFault(sequence: string, personal: PersonalData): string | null {
  const text = plain(sequence);
  const holds = (part: string) => part !== "" && text.includes(part);
  const names = [...(personal.givenNames ?? []), ...(personal.familyNames ?? [])].map(plain);
  if (names.some((name) => name.length > 1 && windows(name, Math.min(SHORTEST_PART, name.length)).some(holds))) return "holds a part of the patient's name";
  if (initials(personal).some(holds)) return "holds the patient's initials";
  if (personal.birthDate !== undefined && birthDateForms(personal.birthDate).some(holds))
    return "holds the patient's date of birth";
  const records = (personal.recordNumbers ?? []).map(plain);
  if (records.some((record) => windows(record, SHORTEST_RECORD_PART).some(holds) || sameNumber(record, text)))
    return "holds a part of the patient's record number";
  return null;
}

function sameNumber(record: string, sequence: string): boolean {
  const bare = record.replace(/^0+/, "");
  return bare !== "" && bare === sequence.replace(/^0+/, "");
}

const PERSONAL_WORDS = /\b(dob|born|birth|mrn|nhs|ssn|patient|surname|mr|mrs|ms)\b/i;
const WRITTEN_DATE = /\b(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))\b/;

/**
 * Why free text may not stand on a label although no patient is known to compare it with: it names a kind of personal
 * data, or holds a written date, which has a field of its own when it is an expiry. Null when nothing was found.
 */
export function personalTextFault(text: string): string | null {
  if (PERSONAL_WORDS.test(text)) return "names a kind of personal data";
  if (WRITTEN_DATE.test(text)) return "holds a written date, which could be a date of birth";
  return null;
}
