import { spawnSync } from "node:child_process";

/** How long NVIDIA's driver may take to answer. */
const answerSeconds = 20;

/**
 * The memory of the GPU that CUDA computes on, in bytes, as `nvidia-smi` tells it; null where that is absent or says nothing
 * of the kind. ONNX Runtime takes the first GPU that CUDA shows, in the order of their buses where CUDA_DEVICE_ORDER says so.
 */
export function gpuMemoryBytes(): number | null {
  const query = ["--query-gpu=memory.total", "--format=csv,noheader,nounits"];
  const { status, stdout } = spawnSync("nvidia-smi", query, {
    encoding: "utf8",
    timeout: answerSeconds * 1000,
  });
  const [first] = (stdout ?? "").split("\n");
  const mebibytes = Number(first?.trim() || Number.NaN);
  return status === 0 && mebibytes > 0 ? mebibytes * 2 ** 20 : null;
}

/** Says of an error of a GPU's what it was short of, in words that an operator looks for. */
export function explainGpuError(message: string): string {
  const isShort = /out of memory|Failed to allocate memory|CUDNN_STATUS_ALLOC_FAILED/i.test(
    message,
  );
  return isShort ? `out of GPU memory: ${message}` : message;
}
