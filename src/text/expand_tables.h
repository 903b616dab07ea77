#pragma once

// What expand.cc says for units, scales, abbreviations, signs and names. Constants only; no one else needs them.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace hearth::text {

using View = std::u32string_view;

struct Pair {
  View from, to;
};

template <std::size_t N>
View find_in(const Pair (&pairs)[N], View word) {
  const auto* at = std::find_if(std::begin(pairs), std::end(pairs), [word](const Pair& p) { return p.from == word; });
  return at == std::end(pairs) ? View{} : at->to;
}

// In the plural; one of them loses its s (feet and hertz have their own).
inline constexpr Pair kUnits[] = {{U"km", U"kilometers"},
                                  {U"cm", U"centimeters"},
                                  {U"mm", U"millimeters"},
                                  {U"kg", U"kilograms"},
                                  {U"mg", U"milligrams"},
                                  {U"g", U"grams"},
                                  {U"lb", U"pounds"},
                                  {U"lbs", U"pounds"},
                                  {U"oz", U"ounces"},
                                  {U"ft", U"feet"},
                                  {U"yd", U"yards"},
                                  {U"mi", U"miles"},
                                  {U"mph", U"miles per hour"},
                                  {U"kmh", U"kilometers per hour"},
                                  {U"km/h", U"kilometers per hour"},
                                  {U"m/s", U"meters per second"},
                                  {U"Hz", U"hertz"},
                                  {U"kHz", U"kilohertz"},
                                  {U"MHz", U"megahertz"},
                                  {U"GHz", U"giga hertz"},
                                  {U"KB", U"kilobytes"},
                                  {U"kB", U"kilobytes"},
                                  {U"MB", U"megabytes"},
                                  {U"GB", U"gigabytes"},
                                  {U"TB", U"terabytes"},
                                  {U"kW", U"kilowatts"},
                                  {U"MW", U"megawatts"},
                                  {U"kWh", U"kilowatt hours"},
                                  {U"W", U"watts"},
                                  {U"V", U"volts"},
                                  {U"ml", U"milliliters"},
                                  {U"mL", U"milliliters"},
                                  {U"hrs", U"hours"},
                                  {U"hr", U"hours"},
                                  {U"mins", U"minutes"},
                                  {U"min", U"minutes"},
                                  {U"secs", U"seconds"},
                                  {U"sec", U"seconds"},
                                  {U"ms", U"milliseconds"},
                                  {U"m", U"meters"},
                                  {U"km²", U"square kilometers"},
                                  {U"m²", U"square meters"},
                                  {U"cm²", U"square centimeters"},
                                  {U"m³", U"cubic meters"},
                                  {U"cm³", U"cubic centimeters"},
                                  {U"L", U"liters"}};
inline constexpr Pair kScales[] = {{U"k", U"thousand"}, {U"K", U"thousand"}, {U"m", U"million"},
                                   {U"M", U"million"},  {U"mn", U"million"}, {U"b", U"billion"},
                                   {U"bn", U"billion"}, {U"B", U"billion"},  {U"tn", U"trillion"}};
inline constexpr View kFullScales[] = {U"hundred", U"thousand", U"million", U"billion", U"trillion"};
inline constexpr Pair kCurrencies[] = {
    {U"$", U"dollars"}, {U"£", U"pounds"}, {U"€", U"euros"}, {U"¥", U"yen"}, {U"₹", U"rupees"}};
// With their stop as the cutter leaves it, or without where the stop was cut off.
inline constexpr Pair kAbbreviations[] = {
    {U"Jan.", U"January"},        {U"Feb.", U"February"}, {U"Mar.", U"March"},        {U"Apr.", U"April"},
    {U"Jun.", U"June"},           {U"Jul.", U"July"},     {U"Aug.", U"August"},       {U"Sep.", U"September"},
    {U"Sept.", U"September"},     {U"Oct.", U"October"},  {U"Nov.", U"November"},     {U"Dec.", U"December"},
    {U"Prof.", U"Professor"},     {U"Gen.", U"General"},  {U"Gov.", U"Governor"},     {U"Sen.", U"Senator"},
    {U"Rep.", U"Representative"}, {U"Rev.", U"Reverend"}, {U"Mt.", U"Mount"},         {U"Inc.", U"Incorporated"},
    {U"Ltd.", U"Limited"},        {U"Co.", U"Company"},   {U"Corp.", U"Corporation"}, {U"Bros.", U"Brothers"},
    {U"Jr.", U"Junior"},          {U"vs.", U"versus"},    {U"vs", U"versus"},         {U"w/o", U"without"},
    {U"Adm.", U"Admiral"}};
inline constexpr Pair kCutAbbreviations[] = {
    {U"Capt", U"Captain"},    {U"Lt", U"Lieutenant"},   {U"Sgt", U"Sergeant"}, {U"Col", U"Colonel"},
    {U"Ave", U"Avenue"},      {U"Blvd", U"Boulevard"},  {U"Rd", U"Road"},      {U"approx", U"approximately"},
    {U"dept", U"department"}, {U"Dept", U"Department"}, {U"Fig", U"Figure"},   {U"fig", U"figure"},
    {U"Sr", U"Senior"},       {U"Hon", U"Honorable"},   {U"Vol", U"Volume"},   {U"Fri", U"Friday"},
    {U"Mon", U"Monday"},      {U"Tue", U"Tuesday"},     {U"Thu", U"Thursday"}, {U"Thurs", U"Thursday"}};
inline constexpr Pair kSigns[] = {{U"=", U"equals"},        {U"×", U"times"},        {U"÷", U"divided by"},
                                  {U"±", U"plus or minus"}, {U"°", U"degrees"},      {U"§", U"section"},
                                  {U"≤", U"at most"},       {U"≥", U"at least"},     {U"≠", U"is not equal to"},
                                  {U"≈", U"is about"},      {U"<", U"is less than"}, {U">", U"is greater than"},
                                  {U"№", U"number"},        {U"¢", U"cents"}};
inline constexpr Pair kAddressSigns[] = {
    {U".", U"dot"},     {U"/", U"slash"},         {U"@", U"at"},     {U"-", U"dash"}, {U"_", U"underscore"},
    {U":", U"colon"},   {U"?", U"question mark"}, {U"=", U"equals"}, {U"&", U"and"},  {U"#", U"hash"},
    {U"%", U"percent"}, {U"+", U"plus"},          {U"~", U"tilde"}};
inline constexpr Pair kVulgar[] = {{U"½", U"a half"},        {U"¼", U"a quarter"},    {U"¾", U"three quarters"},
                                   {U"⅓", U"a third"},       {U"⅔", U"two thirds"},   {U"⅛", U"an eighth"},
                                   {U"⅜", U"three eighths"}, {U"⅝", U"five eighths"}, {U"⅞", U"seven eighths"}};
inline constexpr View kMonths[] = {U"January", U"February", U"March",     U"April",   U"May",      U"June",
                                   U"July",    U"August",   U"September", U"October", U"November", U"December"};
// A Roman numeral behind one of these counts ("Chapter four"); behind any other name it orders ("Henry the eighth").
inline constexpr View kCounted[] = {U"War",     U"Chapter", U"Part",    U"Act",      U"Scene", U"Volume",
                                    U"Book",    U"Section", U"Article", U"Phase",    U"Type",  U"Class",
                                    U"Level",   U"Stage",   U"Bowl",    U"Appendix", U"Mark",  U"Title",
                                    U"Episode", U"Figure",  U"Table",   U"Grade"};
inline constexpr View kRulers[] = {
    U"Henry",       U"Elizabeth",  U"Louis",  U"John",      U"Charles",  U"George",   U"Edward", U"William",
    U"Richard",     U"James",      U"Philip", U"Ferdinand", U"Napoleon", U"Nicholas", U"Peter",  U"Catherine",
    U"Alexander",   U"Frederick",  U"Leo",    U"Pius",      U"Benedict", U"Gregory",  U"Paul",   U"Clement",
    U"Urban",       U"Mary",       U"Victor", U"Otto",      U"Ramses",   U"Francis",  U"Gustav", U"Robert",
    U"Constantine", U"Theodosius", U"Ivan",   U"Christian", U"Harald",   U"Albert"};

template <std::size_t N>
bool listed(const View (&list)[N], View word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace hearth::text
