#include "observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/log.h"
#include "base/mutex.h"
#include "observe/json_writer.h"

namespace hearth::observe {
namespace {

constexpr std::size_t kMaxLabelBytes = 200;
constexpr std::string_view kOverflow = "other";

bool is_name(std::string_view name, std::string_view also) {
  const auto is_letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || also.find(c) != std::string_view::npos;
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool are_label_names(const Labels& labels) {
  std::set<std::string_view> seen;
  return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
    return is_name(label.first, "") && !label.first.starts_with("__") && label.first != "le" &&
           seen.insert(label.first).second;
  });
}

/// One bad byte makes a scraper refuse the page.
prometheus::Labels clean(const Labels& labels) {
  prometheus::Labels out;
  for (const auto& [name, value] : labels)
    out.emplace(name, to_valid_utf8(std::string_view(value).substr(0, kMaxLabelBytes)));
  return out;
}

/// All families of one type.
template <typename T>
struct Families {
  struct Family {
    prometheus::Family<T>* family;
    std::map<prometheus::Labels, T*> series;
  };
  std::map<std::string, Family, std::less<>> by_name;
};

}  // namespace

struct Metrics::Impl {
  /// The series, or null where the caller is wrong.
  template <typename T, typename Build, typename... Args>
  T* find_or_add(Families<T>& families, Build build, std::string_view name, std::string_view help, const Labels& labels,
                 const Args&... args) REQUIRES(mutex) {
    auto found = families.by_name.find(name);
    const bool is_new = found == families.by_name.end();
    if ((is_new && (!is_name(name, ":") || names.contains(name))) || !are_label_names(labels)) {
      if (complained.insert(std::string(name)).second) {
        base::log_error("metric \"{}\": bad name, bad label, or a metric of another type has its name", name);
      }
      return nullptr;
    }
    if (is_new) {
      auto& family = build().Name(std::string(name)).Help(std::string(help)).Register(registry);
      found = families.by_name.emplace(std::string(name), typename Families<T>::Family{&family, {}}).first;
      names.emplace(name);
    }
    auto& series = found->second.series;
    prometheus::Labels key = clean(labels);
    if (const auto known = series.find(key); known != series.end()) return known->second;
    if (series.size() >= kMaxSeries) {
      if (complained.insert(std::string(name)).second) {
        base::log_warning("metric \"{}\" has more than {} series; further ones count as \"{}\"", name, kMaxSeries,
                          kOverflow);
      }
      for (auto& label : key) label.second = kOverflow;
      if (const auto known = series.find(key); known != series.end()) return known->second;
    }
    T& made = found->second.family->Add(key, args...);
    series.emplace(std::move(key), &made);
    return &made;
  }

  prometheus::Registry registry;
  // Where calls count that named no legal metric.
  prometheus::Counter lost_counter;
  prometheus::Gauge lost_gauge;
  prometheus::Histogram lost_histogram{prometheus::Histogram::BucketBoundaries{1.0}};

  base::Mutex mutex;
  Families<prometheus::Counter> counters GUARDED_BY(mutex);
  Families<prometheus::Gauge> gauges GUARDED_BY(mutex);
  Families<prometheus::Histogram> histograms GUARDED_BY(mutex);
  std::set<std::string, std::less<>> names GUARDED_BY(mutex);
  std::set<std::string> complained GUARDED_BY(mutex);

  base::Mutex render_mutex;  // taken before `mutex`
  std::vector<std::function<void(Metrics&)>> refreshers GUARDED_BY(render_mutex);
};

void Counter::add(double by) const {
  if (std::isfinite(by) && by > 0) static_cast<prometheus::Counter*>(impl_)->Increment(by);
}
double Counter::value() const { return static_cast<prometheus::Counter*>(impl_)->Value(); }

void Gauge::set(double value) const { static_cast<prometheus::Gauge*>(impl_)->Set(value); }
void Gauge::add(double by) const { static_cast<prometheus::Gauge*>(impl_)->Increment(by); }
double Gauge::value() const { return static_cast<prometheus::Gauge*>(impl_)->Value(); }

void Histogram::observe(double value) const {
  if (std::isfinite(value)) static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

std::vector<double> latency_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10, 30};
}
std::vector<double> load_buckets() {
  return {0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  base::MutexLock lock(impl_->mutex);
  auto* made = impl_->find_or_add(impl_->counters, prometheus::BuildCounter, name, help, labels);
  return Counter(made == nullptr ? &impl_->lost_counter : made);
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  base::MutexLock lock(impl_->mutex);
  auto* made = impl_->find_or_add(impl_->gauges, prometheus::BuildGauge, name, help, labels);
  return Gauge(made == nullptr ? &impl_->lost_gauge : made);
}

Histogram Metrics::histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                             const Labels& labels) {
  const bool is_ascending = std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
  if (!is_ascending) {
    base::log_error("metric \"{}\": its bounds do not ascend", name);
    return Histogram(&impl_->lost_histogram);
  }
  base::MutexLock lock(impl_->mutex);
  auto* made = impl_->find_or_add(impl_->histograms, prometheus::BuildHistogram, name, help, labels,
                                  prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
  return Histogram(made == nullptr ? &impl_->lost_histogram : made);
}

void Metrics::on_render(std::function<void(Metrics&)> refresh) {
  base::MutexLock lock(impl_->render_mutex);
  impl_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::render() {
  base::MutexLock lock(impl_->render_mutex);
  for (const auto& refresh : impl_->refreshers) refresh(*this);
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace hearth::observe
