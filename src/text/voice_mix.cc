#include "text/voice_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hearth::text {
namespace {

using base::Code;

constexpr std::size_t kLongestMix = kMaxVoicesInMix * (kMaxVoiceNameLength + 16);
constexpr std::string_view kRemedy = "write voices as af_heart or af_bella(2)+af_sky(1)";

tl::unexpected<base::Error> refuse(std::string message) {
  return base::fail(Code::kInvalidArgument, std::move(message), std::string{kRemedy});
}

bool is_name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  template <typename Predicate>
  std::string_view take_while(Predicate predicate) {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && predicate(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool done() {
    skip_blanks();
    return at_ == text_.size();
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

base::Result<float> read_weight(Reader& reader) {
  const std::size_t at = reader.at();
  const std::string_view digits = reader.take_while([](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  float weight = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), weight, std::chars_format::fixed);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || weight < 0.001F ||
      weight > 1000.0F) {
    return refuse(fmt::format("the voice weight at character {} must be a number from 0.001 to 1000", at + 1));
  }
  if (!reader.take(')')) return refuse(fmt::format("a ')' is missing at character {} of the voice", reader.at() + 1));
  return weight;
}

}  // namespace

base::Result<std::vector<VoiceShare>> parse_voice_mix(std::string_view mix) {
  if (mix.size() > kLongestMix) return refuse(fmt::format("the voice is longer than {} characters", kLongestMix));
  Reader reader{mix};
  if (reader.done()) return refuse("the voice is empty");
  std::vector<VoiceShare> shares;
  do {
    const std::string_view name = reader.take_while(is_name_char);
    if (name.empty()) {
      return refuse(
          fmt::format("a voice name of small letters, digits and '_' is missing at character {}", reader.at() + 1));
    }
    if (name.size() > kMaxVoiceNameLength) {
      return refuse(fmt::format("a voice name is longer than {} characters", kMaxVoiceNameLength));
    }
    float weight = 1.0F;
    if (reader.take('(')) {
      const base::Result<float> read = read_weight(reader);
      if (!read) return base::fail(read.error());
      weight = *read;
    }
    const auto same = std::find_if(shares.begin(), shares.end(), [&](const VoiceShare& s) { return s.name == name; });
    if (same != shares.end()) {
      same->weight += weight;
    } else if (shares.size() == kMaxVoicesInMix) {
      return refuse(fmt::format("a mix may have at most {} voices", kMaxVoicesInMix));
    } else {
      shares.push_back({std::string{name}, weight});
    }
  } while (reader.take('+'));
  if (!reader.done()) return refuse(fmt::format("character {} of the voice is not understood", reader.at() + 1));
  float sum = 0;
  for (const VoiceShare& share : shares) sum += share.weight;
  for (VoiceShare& share : shares) share.weight /= sum;
  return shares;
}

}  // namespace hearth::text
