declare module "ffjavascript" {
  /** Curve arithmetic of ffjavascript, opaque here: it is handed to snarkjs. */
  export function getCurveFromName(name: "bn128"): Promise<unknown>;
}
