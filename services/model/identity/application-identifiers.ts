/**
 * The GS1 Application Identifiers a label of a cell or gene therapy may carry. Formats, requisites and exclusions are
 * facts of the GS1 Syntax Dictionary, in its notation: `N14,csum` is 14 digits with a check digit, `X..20` up to
 * 20 characters of set 82, `[…]` optional. Company prefix look-ups are left out: GS1's prefix list is not shipped.
 */
export interface ApplicationIdentifier {
  ai: string;
  format: string;
  title: string;
  /** True when the length is predefined, so that no separator has to follow. */
  predefinedLength: boolean;
  /** Alternatives, each a `+` joined set of AIs of which all must be on the label too. */
  requires: string[];
  /** AIs that may not stand on the same label. */
  excludes: string[];
}

type Row = [ai: string, format: string, title: string, requires?: string, excludes?: string];

const PREDEFINED_LENGTH: Row[] = [
  ["00", "N18,csum", "SSCC"],
  ["01", "N14,csum", "GTIN", "", "255,37"],
  ["02", "N14,csum", "CONTENT", "37", "01,03"],
  ["11", "N6,yymmd0", "PROD DATE", "01,02,03,8006,8026"],
  ["13", "N6,yymmd0", "PACK DATE", "01,02,03,8006,8026"],
  ["15", "N6,yymmd0", "BEST BEFORE or BEST BY", "01,02,03,8006,8026"],
  ["16", "N6,yymmd0", "SELL BY", "01,02,03,8006,8026"],
  ["17", "N6,yymmd0", "USE BY or EXPIRY", "01,02,03,255,8006,8026"],
  ["20", "N2", "VARIANT", "01,02,03,8006,8026"],
  ["410", "N13,csum", "SHIP TO LOC"],
  ["411", "N13,csum", "BILL TO"],
  ["412", "N13,csum", "PURCHASE FROM"],
  ["413", "N13,csum", "SHIP FOR LOC"],
  ["414", "N13,csum", "LOC No."],
  ["416", "N13,csum", "PROD/SERV LOC"],
  ["417", "N13,csum", "PARTY"],
];

const VARIABLE_LENGTH: Row[] = [
  ["10", "X..20", "BATCH/LOT", "01,02,03,8006,8026"],
  ["21", "X..20", "SERIAL", "01,03,8006", "235"],
  ["22", "X..20", "CPV", "01"],
  ["235", "X..28", "TPX", "01"],
  ["240", "X..30", "ADDITIONAL ID", "01,02,03,8006,8026"],
  ["241", "X..30", "CUST. PART No.", "01,02,03,8006,8026"],
  ["250", "X..30", "SECONDARY SERIAL", "01+21,03+21,8006+21"],
  ["253", "N13,csum [X..17]", "GDTI"],
  ["254", "X..20", "GLN EXTENSION COMPONENT", "414"],
  ["255", "N13,csum [N..12]", "GCN", "", "01,02,415,8006,8020,8026"],
  ["30", "N..8", "VAR. COUNT", "01,02"],
  ["37", "N..8", "COUNT", "00+02,00+8026"],
  ["400", "X..30", "ORDER NUMBER"],
  ["401", "X..30", "GINC"],
  ["402", "N17,csum", "GSIN"],
  ["403", "X..30", "ROUTE", "00"],
  ["4330", "N6 [X1],hyphen", "MAX TEMP F.", "00", "4331"],
  ["4331", "N6 [X1],hyphen", "MAX TEMP C.", "00", "4330"],
  ["4332", "N6 [X1],hyphen", "MIN TEMP F.", "00", "4333"],
  ["4333", "N6 [X1],hyphen", "MIN TEMP C.", "00", "4332"],
  ["7003", "N6,yymmdd N4,hhmi", "EXPIRY TIME", "01,02,03"],
  ["710", "X..20", "NHRN PZN", "01"],
  ["711", "X..20", "NHRN CIP", "01"],
  ["712", "X..20", "NHRN CN", "01"],
  ["713", "X..20", "NHRN DRN", "01"],
  ["714", "X..20", "NHRN AIM", "01"],
  ["715", "X..20", "NHRN NDC", "01"],
  ["716", "X..20", "NHRN AIC", "01"],
  ["717", "X..20", "NHRN SRN", "01"],
  ...Array.from({ length: 10 }, (_, digit): Row => [`723${digit}`, "X2 X..28", `CERT # ${digit + 1}`, "01,8004"]),
  ["7240", "X..20", "PROTOCOL", "01,8006", "03"],
  ["7241", "N2,mediatype", "AIDC MEDIA TYPE", "8017,8018"],
  ["7242", "X..25", "VCN", "8017,8018"],
  ["7250", "N8,yyyymmdd", "DOB", "8018", "7251"],
  ["7251", "N8,yyyymmdd N4,hhmi", "DOB TIME", "8018", "7250"],
  ["7252", "N1,iso5218", "BIO SEX", "8018"],
  ["7253", "X..40,pcenc", "FAMILY NAME", "8017,8018", "7256,7259"],
  ["7254", "X..40,pcenc", "GIVEN NAME", "8017,8018", "7256,7259"],
  ["7255", "X..10", "SUFFIX", "8017,8018", "7256,7259"],
  ["7256", "X..90,pcenc", "FULL NAME", "8017,8018"],
  ["7257", "X..70,pcenc", "PERSON ADDR", "8018"],
  ["7258", "X3,posinseqslash", "BIRTH SEQUENCE", "8018+7259"],
  ["7259", "X..40,pcenc", "BABY", "8018", "7256"],
  ["8003", "N1,zero N13,csum [X..16]", "GRAI"],
  ["8004", "X..30", "GIAI"],
  ["8006", "N14,csum N4,pieceoftotal", "ITIP", "", "01,03,37"],
  ["8008", "N6,yymmdd N2,hh [N2],mi [N2],ss", "PROD TIME", "01,02,03"],
  ["8010", "Y..30", "CPID"],
  ["8011", "N..12,nozeroprefix", "CPID SERIAL", "8010"],
  ["8017", "N18,csum", "GSRN - PROVIDER", "", "8018"],
  ["8018", "N18,csum", "GSRN - RECIPIENT", "", "8017"],
  ["8019", "N..10", "SRIN", "8017,8018"],
  ["8030", "Z..90", "DIGSIG", "00,01+21,03+21,253,255,8003,8004,8006+21,8010+8011,8017,8018"],
  ["90", "X..30", "INTERNAL"],
  ...Array.from({ length: 9 }, (_, digit): Row => [`9${digit + 1}`, "X..90", "INTERNAL"]),
];

function words(list: string | undefined): string[] {
  return list === undefined || list === "" ? [] : list.split(",");
}

function toIdentifier([ai, format, title, requires, excludes]: Row, predefinedLength: boolean): ApplicationIdentifier {
  return { ai, format, title, predefinedLength, requires: words(requires), excludes: words(excludes) };
}

/** Every Application Identifier Threadline reads, by its digits. */
export const APPLICATION_IDENTIFIERS: ReadonlyMap<string, ApplicationIdentifier> = new Map(
  [
    ...PREDEFINED_LENGTH.map((row) => toIdentifier(row, true)),
    ...VARIABLE_LENGTH.map((row) => toIdentifier(row, false)),
  ].map((identifier) => [identifier.ai, identifier]),
);

/** The Application Identifier some text begins with, or null when Threadline does not read it. */
export function leadingApplicationIdentifier(text: string): ApplicationIdentifier | null {
  for (const length of [2, 3, 4]) {
    const identifier = text.length >= length ? APPLICATION_IDENTIFIERS.get(text.slice(0, length)) : undefined;
    if (identifier !== undefined) return identifier;
  }
  return null;
}
