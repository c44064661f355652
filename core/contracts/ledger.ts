import type { Claim, Verdict } from "./bundle.ts";
import type { ProfileName } from "./study.ts";

/** A claim that a ledger lists whether or not a study tests it. */
export interface ListedClaim {
  /** Id by which analyses name it. */
  readonly id: string;
  /** What is claimed, in one sentence. */
  readonly statement: string;
  /** Ids of claims that follow from it and are judged apart, each with a statistic and a rule of its own. */
  readonly apart?: readonly string[];
}

/** A claim that no study here can test, and why. */
export interface UntestableClaim {
  /** What is claimed, in one sentence. */
  readonly statement: string;
  /** What a test would need. */
  readonly reason: string;
}

/** The claims that a ledger is kept of. */
export interface ListedClaims {
  /** Every claim that studies test or are to test, in order. */
  readonly listed: readonly ListedClaim[];
  /** Those beyond any study's reach. */
  readonly untestable: readonly UntestableClaim[];
}

/** A bundle that a ledger was made from. */
export interface LedgerBundle {
  /** Id of the study. */
  readonly study: string;
  /** Its title. */
  readonly title: string;
  /** The profile it ran at. */
  readonly profile: ProfileName;
  /** Its seed. */
  readonly seed: number;
  /** SHA-256 of `bundle.json`. */
  readonly digest: string;
}

/** How a claim came out in one study at one profile. */
export interface LedgerTest {
  /** Id of the study. */
  readonly study: string;
  /** The profile it ran at. */
  readonly profile: ProfileName;
  /** False if a surer profile tests the claim, in this study or another: this test is then shown and counts for nothing. */
  readonly stands: boolean;
  /** The claim as the bundle has it. */
  readonly claim: Claim;
}

/** A claim of the ledger, with every test of it. */
export interface LedgerClaim {
  /** Id by which analyses name it. */
  readonly id: string;
  /** As the list says it, or, of a claim that is not listed, as its surest test does. */
  readonly statement: string;
  /** True if the claim is on the list, itself or as one that is judged apart. */
  readonly listed: boolean;
  /** Id of the claim it is judged apart from, if it is. */
  readonly apartFrom?: string;
  /** What the tests that stand say, each verdict once; none if the claim is not tested yet, several if studies differ. */
  readonly verdicts: readonly Verdict[];
  /** True if it is tested and no test is of the full profile. */
  readonly provisional: boolean;
  /** The surest profile first, then by study. */
  readonly tests: readonly LedgerTest[];
}

/** How many claims came out each way; those judged apart are not counted. */
export interface LedgerCounts {
  /** All that stand say so. */
  readonly supported: number;
  /** All that stand say so. */
  readonly contradicted: number;
  /** All that stand say so. */
  readonly undecided: number;
  /** Studies differ. */
  readonly differing: number;
  /** No study tests it yet. */
  readonly untested: number;
  /** Of those tested, how many have no test of the full profile. */
  readonly provisional: number;
}

/** `ledger.json`: every claim, and how it came out in each study. Made from bundles alone, without a clock. */
export interface Ledger {
  /** Marks the file. */
  readonly format: "infoplane.ledger";
  /** Version of this format. */
  readonly version: 1;
  /** What it was made from, by study and profile. */
  readonly bundles: readonly LedgerBundle[];
  /** How many claims came out each way. */
  readonly counts: LedgerCounts;
  /** In the order of the list, each followed by those judged apart from it; then those not listed, by id. */
  readonly claims: readonly LedgerClaim[];
  /** Claims beyond any study's reach. */
  readonly untestable: readonly UntestableClaim[];
}
