import { type ApiError, notFound } from "../api-error.ts";

/**
 * The id of a job: that of the origin which has it, 8 hexadecimal digits, and 24 of its own. The origin's is kept beside
 * its jobs, so that they are found wherever they are moved to.
 */
const pattern = /^job_([0-9a-f]{8})_[0-9a-f]{24}$/;

export const jobsPath = "/v1/audio/jobs";

/** Internal, from edge to origin: the id of the key that asks. A job is its key's alone. */
export const jobCallerHeader = "x-job-caller";

/** Internal, from origin to edge, once for each job that is over: the characters that were paid for and never spoken. */
export const unspokenHeader = "x-unspoken-characters";

export function jobIdOf(originId: string, random: string): string {
  return `job_${originId}_${random}`;
}

/** The id of the origin that has the job. Throws a 404 for what is no id of a job. */
export function originOfJob(id: string): string {
  const [, originId] = pattern.exec(id) ?? [];
  if (originId === undefined) throw jobNotFound();
  return originId;
}

/** The same for a job that there never was and one that is somebody else's. */
export function jobNotFound(): ApiError {
  return notFound("job_not_found", "There is no such job here, or no longer.");
}
