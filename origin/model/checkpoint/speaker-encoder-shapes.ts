import type { SpeakerEncoderConfig } from "./model-config.ts";
import { biased, each, type Shapes, under } from "./shapes.ts";

/** Tensors of the network that hears who speaks (ECAPA-TDNN, Desplanques et al. 2020). */
export function speakerEncoderShapes(config: SpeakerEncoderConfig): Shapes {
  const { enc_channels, enc_kernel_sizes } = config;
  const [firstChannels = 0, ...laterChannels] = enc_channels;
  const blockChannels = laterChannels.slice(0, -1);
  const joinedChannels = blockChannels.reduce((total, channels) => total + channels, 0);
  const pooledChannels = enc_channels.at(-1) ?? 0;
  const blocks = blockChannels.map((channels, index) =>
    under(`blocks.${index + 1}`, blockShapes(config, index + 1, channels)),
  );
  return {
    ...biased("blocks.0.conv", [firstChannels, config.mel_dim, enc_kernel_sizes[0] ?? 1]),
    ...Object.assign({}, ...blocks),
    ...biased("mfa.conv", [pooledChannels, joinedChannels, enc_kernel_sizes.at(-1) ?? 1]),
    ...biased("asp.tdnn.conv", [config.enc_attention_channels, 3 * pooledChannels, 1]),
    ...biased("asp.conv", [pooledChannels, config.enc_attention_channels, 1]),
    ...biased("fc", [config.enc_dim, 2 * pooledChannels, 1]),
  };
}

function blockShapes(config: SpeakerEncoderConfig, index: number, channels: number): Shapes {
  const { enc_channels, enc_kernel_sizes, enc_res2net_scale, enc_se_channels } = config;
  const group = channels / enc_res2net_scale;
  return {
    ...biased("tdnn1.conv", [channels, enc_channels[index - 1] ?? 0, 1]),
    ...each("res2net_block.blocks", enc_res2net_scale - 1, () =>
      biased("conv", [group, group, enc_kernel_sizes[index] ?? 1]),
    ),
    ...biased("tdnn2.conv", [channels, channels, 1]),
    ...biased("se_block.conv1", [enc_se_channels, channels, 1]),
    ...biased("se_block.conv2", [channels, enc_se_channels, 1]),
  };
}
