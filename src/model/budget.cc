#include "model/budget.h"

#include <algorithm>
#include <utility>

namespace hearth::model {

using base::Bytes;

Budget::Budget(Bytes limit, double factor, Measures known) : limit_(limit), factor_(factor), known_(std::move(known)) {}

Bytes Budget::need(const ModelKey& key, Bytes file_bytes) const {
  if (const auto found = known_.find(key); found != known_.end()) return found->second.bytes;
  return Bytes{static_cast<std::int64_t>(static_cast<double>(file_bytes.count) * factor_)};
}

Bytes Budget::reserved(const ModelKey& key) const {
  const auto found = reserved_.find(key);
  return found == reserved_.end() ? Bytes{} : found->second;
}

void Budget::reserve(const ModelKey& key, Bytes bytes) {
  release(key);
  reserved_[key] = bytes;
  committed_ += bytes;
}

void Budget::release(const ModelKey& key) {
  const auto found = reserved_.find(key);
  if (found == reserved_.end()) return;
  committed_ -= found->second;
  reserved_.erase(found);
}

void Budget::settle(const ModelKey& key, Bytes file_bytes, Measure measure) {
  measure.bytes = std::max(measure.bytes, Bytes{file_bytes.count / 2});
  const auto known = known_.find(key);
  if (known != known_.end() && known->second.kind == MeasureKind::kAlone && measure.kind == MeasureKind::kShared)
    return;
  known_[key] = measure;
  if (reserved_.contains(key)) reserve(key, measure.bytes);
}

void GrowthMeter::begin(const ModelKey& key, Bytes estimate) {
  if (running_ == 0) {
    parts_.clear();
    lowest_before_.reset();
    disturbed_ = false;
  }
  parts_.push_back({key, std::max(estimate, Bytes{1}), false});
  ++running_;
}

void GrowthMeter::disturb() { disturbed_ = true; }

std::vector<GrowthMeter::Share> GrowthMeter::end(const ModelKey& key, Bytes before, Bytes after, bool loaded) {
  // The lowest reading is the one made before any of them had grown.
  lowest_before_ = lowest_before_ ? std::min(*lowest_before_, before) : before;
  // From the back: a load that is tried again has a part for each try.
  const auto part_of_this =
      std::find_if(parts_.rbegin(), parts_.rend(), [&](const Part& part) { return part.key == key; });
  if (part_of_this != parts_.rend()) part_of_this->loaded = loaded;
  std::vector<Share> shares;
  if (--running_ > 0 || disturbed_) return shares;
  double estimates = 0;
  for (const Part& part : parts_) estimates += part.loaded ? static_cast<double>(part.estimate.count) : 0;
  const auto growth = static_cast<double>(std::max(after - *lowest_before_, Bytes{}).count);
  const MeasureKind kind = parts_.size() == 1 ? MeasureKind::kAlone : MeasureKind::kShared;
  for (const Part& part : parts_) {
    if (!part.loaded) continue;
    const double share = growth * static_cast<double>(part.estimate.count) / estimates;
    shares.push_back({part.key, {Bytes{static_cast<std::int64_t>(share)}, kind}});
  }
  return shares;
}

}  // namespace hearth::model
