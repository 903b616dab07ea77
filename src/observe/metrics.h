#pragma once

// Numbers for a scraper: counters, gauges and histograms by name and labels, written as Prometheus text 0.0.4.
// prometheus-cpp (core only: no HTTP server of its own) stays inside metrics.cc. Not a log and not a trace.
//
//   const Counter loads = metrics.counter("hearth_model_loads_total", "Model loads that ended.",
//                                         {{"model", "kokoro"}, {"result", "ok"}});
//   loads.add();
//
// Handles are small values: look one up once where the labels are known, or each time; both are cheap (a lock and a
// look-up). Labels come from a closed set (models, routes, codes), never from a request's text. As a guard a family
// keeps at most kMaxSeries series: what comes later counts in one series whose label values are all "other".

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::observe {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Only goes up. Copyable; valid as long as its Metrics; any thread, lock-free.
class Counter {
 public:
  void add(double by = 1) const;  // negative or not finite: ignored
  [[nodiscard]] double value() const;

 private:
  friend class Metrics;
  explicit Counter(void* impl) : impl_(impl) {}
  void* impl_;
};

/// Goes up and down. Copyable; valid as long as its Metrics; any thread, lock-free.
class Gauge {
 public:
  void set(double value) const;
  void add(double by) const;
  [[nodiscard]] double value() const;

 private:
  friend class Metrics;
  explicit Gauge(void* impl) : impl_(impl) {}
  void* impl_;
};

/// Counts observations by size. Copyable; valid as long as its Metrics; any thread.
class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(void* impl) : impl_(impl) {}
  void* impl_;
};

/// Upper bounds in seconds: for what takes milliseconds (first audio, routes) and for loads.
[[nodiscard]] std::vector<double> latency_buckets();  // 1 ms … 30 s
[[nodiscard]] std::vector<double> load_buckets();     // 10 ms … 10 min

class Metrics {
 public:
  static constexpr std::size_t kMaxSeries = 100;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The series of that name and those labels, made at first use. `help` counts at the name's first use. A name that is
  /// not a legal metric name, has illegal label names, or belongs to another type is our own bug: it is logged once and
  /// the handle counts where nobody sees it. Any thread.
  [[nodiscard]] Counter counter(std::string_view name, std::string_view help, const Labels& labels = {});
  [[nodiscard]] Gauge gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  /// `bounds` ascend; they count at the name's first use.
  [[nodiscard]] Histogram histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                                    const Labels& labels = {});

  /// Called at the begin of each render() to bring gauges up to date: short, on the scraper's thread, in order of
  /// adding.
  void on_render(std::function<void(Metrics&)> refresh);

  /// All series as text; content type "text/plain; version=0.0.4; charset=utf-8". Any thread.
  [[nodiscard]] std::string render();

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace hearth::observe
