import type { ModelId } from "../../shared/models.ts";

export interface PinnedFile {
  bytes: number;
  sha256: string;
}

/** A published checkpoint at the revision this code was written for. */
export interface OfficialRepository {
  id: string;
  /** A commit, so that nothing can change under the name. */
  revision: string;
  /** The files whose content is known beforehand, by path. */
  pinned: Readonly<Record<string, PinnedFile>>;
}

/** The same in every repository. */
const commonFiles = {
  "tokenizer_config.json": {
    bytes: 7344,
    sha256: "dc3c31c3bdaedd5016382bb3cbe07323026775ad51f5a4fb564505992ae4a670",
  },
  "speech_tokenizer/config.json": {
    bytes: 2336,
    sha256: "ee65bb901c876664ab8707c487157aa1a6ee57c65969b28fb5ec9dc211e68167",
  },
  "speech_tokenizer/model.safetensors": {
    bytes: 682_293_092,
    sha256: "836b7b357f5ea43e889936a3709af68dfe3751881acefe4ecf0dbd30ba571258",
  },
};

/** The Qwen team's repositories on huggingface.co, by the model each is built into. */
export const repositories: Readonly<Record<ModelId, OfficialRepository>> = {
  "qwen3-tts-12hz-0.6b-base": {
    id: "Qwen/Qwen3-TTS-12Hz-0.6B-Base",
    revision: "5d83992436eae1d760afd27aff78a71d676296fc",
    pinned: {
      ...commonFiles,
      "config.json": {
        bytes: 4494,
        sha256: "2e714c787c8edb98b05432685cddb634add2de4d4e645f653d68251ef72ba011",
      },
      "model.safetensors": {
        bytes: 1_829_344_272,
        sha256: "180b3b10eb1c9f1b4db7806d5475bae3071c0243c299d49926bab1da3b6946f6",
      },
    },
  },
  "qwen3-tts-12hz-0.6b-custom-voice": {
    id: "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice",
    revision: "85e237c12c027371202489a0ec509ded67b5e4b5",
    pinned: {
      ...commonFiles,
      "config.json": {
        bytes: 4908,
        sha256: "81aca2b6fac304944d8acf345272d8a9a727d5fc2e2e66b222ab4729340c7455",
      },
      "model.safetensors": {
        bytes: 1_811_626_576,
        sha256: "bc3c7e785eb961179c25450d1acff03f839e0002f2f3a5aeb67b5735c0fa2adb",
      },
    },
  },
  "qwen3-tts-12hz-1.7b-base": {
    id: "Qwen/Qwen3-TTS-12Hz-1.7B-Base",
    revision: "fd4b254389122332181a7c3db7f27e918eec64e3",
    pinned: {
      ...commonFiles,
      "config.json": {
        bytes: 4494,
        sha256: "b4f01752d15a488abde3e1ab44723ae4f4b9e68a4037257b098b3737893cc1f9",
      },
      "model.safetensors": {
        bytes: 3_857_413_744,
        sha256: "38fc7fc51c5e776e840414b6fd443962e9411b9654888fd7913e4da643cb857c",
      },
    },
  },
  "qwen3-tts-12hz-1.7b-custom-voice": {
    id: "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice",
    revision: "0c0e3051f131929182e2c023b9537f8b1c68adfe",
    pinned: {
      ...commonFiles,
      "config.json": {
        bytes: 4908,
        sha256: "17a07f527a1c25ea30b4e023a184482a23d3e279d697b1dc81b1bde498d29cf9",
      },
      "model.safetensors": {
        bytes: 3_833_402_552,
        sha256: "38b1d5971bdbd982b561cccec982669a53b0537c3cf5e9bd4778ed07bb2f5137",
      },
    },
  },
  "qwen3-tts-12hz-1.7b-voice-design": {
    id: "Qwen/Qwen3-TTS-12Hz-1.7B-VoiceDesign",
    revision: "5ecdb67327fd37bb2e042aab12ff7391903235d3",
    pinned: {
      ...commonFiles,
      "config.json": {
        bytes: 4421,
        sha256: "aecd2cc4c1fe9edef1cb7ca7c401685a43879ad43f3f9e883f1c6760b61731e0",
      },
      "model.safetensors": {
        bytes: 3_833_402_552,
        sha256: "391e8db219f292c515297cdceeb43e4eae67cdde35fa57e79a6a8a532fca0522",
      },
    },
  },
};
