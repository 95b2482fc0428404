record Parcel(String code, int grams, String zone) {
}
